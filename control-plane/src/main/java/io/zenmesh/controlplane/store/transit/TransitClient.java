package io.zenmesh.controlplane.store.transit;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks a transit engine over HTTPS. A question that may be asked twice is asked up to three times;
 * a refusal is final. Thread-safe.
 */
final class TransitClient implements AutoCloseable {
  private static final int ATTEMPTS = 3;
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 100;
  private static final int MAX_ANSWER = 64 * 1024;

  private final TransitAddress address;
  private final Duration patience;
  private final HttpClient http;

  /**
   * @param patience for one answer
   */
  TransitClient(TransitAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.http =
        HttpClient.newBuilder()
            .sslContext(trusting(address.roots()))
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * An answer that is 200, 204 or 400; whatever else comes is a fault.
   *
   * @param body the caller's to zero
   */
  record Reply(int status, byte[] body) {
    boolean good() {
      return status != 400;
    }
  }

  Reply get(String path) {
    return ask(path, "GET", new byte[0], ATTEMPTS);
  }

  /** Asks what changes nothing, however often it is asked. */
  Reply post(String path, byte[] body) {
    return ask(path, "POST", body, ATTEMPTS);
  }

  /** Asks once: who does not know whether it was done looks. */
  Reply postOnce(String path, byte[] body) {
    return ask(path, "POST", body, 1);
  }

  private Reply ask(String path, String method, byte[] body, int attempts) {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<byte[]> response = sent(request(path, method, body));
        int status = response.statusCode();
        if (status == 200 || status == 204 || status == 400) {
          return new Reply(status, response.body());
        }
        CustodyException fault = fault(status);
        if (attempt == attempts || status < 429) {
          throw fault;
        }
      } catch (IOException e) {
        if (attempt == attempts) {
          throw e instanceof HttpTimeoutException
              ? TransitFault.KMS_TIMED_OUT.at(address, "does not answer in time", e)
              : TransitFault.KMS_UNREACHABLE.at(address, reason(e), e);
        }
      } catch (InterruptedException e) {
        throw interrupted(e);
      }
      pause(attempt);
    }
  }

  /** The request's own timeout ends with the headers of the answer; this one with its last byte. */
  private HttpResponse<byte[]> sent(HttpRequest request) throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> answer =
        http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER));
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("answer not whole in time");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException failure ? failure : new IOException(e.getCause());
    } finally {
      answer.cancel(true);
    }
  }

  private HttpRequest request(String path, String method, byte[] body) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(address.server().resolve("/v1/" + address.mount() + "/" + path))
            .timeout(patience)
            .header("Content-Type", "application/json")
            .header("X-Vault-Request", "true")
            .method(method, body.length == 0 ? BodyPublishers.noBody() : new OwnBytes(body));
    try (SecretBytes token = SecretFile.read(address.token(), "transit token")) {
      byte[] clear = token.copy(SecretAccess.granted());
      try {
        // The client takes headers as text only.
        return request
            .header("X-Vault-Token", new String(clear, StandardCharsets.US_ASCII))
            .build();
      } catch (IllegalArgumentException e) {
        throw new CustodyException(
            "transit token: " + address.token() + " holds none (expected: one line)");
      } finally {
        Arrays.fill(clear, (byte) 0);
      }
    }
  }

  private CustodyException fault(int status) {
    TransitFault fault =
        switch (status) {
          case 401, 403 -> TransitFault.KMS_DENIED;
          case 404 -> TransitFault.KMS_KEY_UNFIT;
          case 429, 500, 502, 503, 504 -> TransitFault.KMS_UNAVAILABLE;
          default -> TransitFault.KMS_ANSWER_UNKNOWN;
        };
    return fault.at(address, "answered " + status);
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private CustodyException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return TransitFault.KMS_TIMED_OUT.at(address, "interrupted", e);
  }

  private void pause(int attempt) {
    try {
      Thread.sleep(PAUSE_MILLIS * attempt);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  private static SSLContext trusting(Path roots) {
    try (InputStream pem = Files.newInputStream(roots)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(pem)) {
        store.setCertificateEntry("root-" + count++, root);
      }
      if (count == 0) {
        throw new CustodyException("transit roots: " + roots + " holds no certificate");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLSv1.3");
      context.init(null, trust.getTrustManagers(), null);
      return context;
    } catch (IOException | GeneralSecurityException e) {
      throw new CustodyException(
          "transit roots: " + roots + " cannot be used (expected: certificates in PEM)", e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
