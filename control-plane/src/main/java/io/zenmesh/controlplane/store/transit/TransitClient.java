package io.zenmesh.controlplane.store.transit;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.KmsHttp;
import io.zenmesh.controlplane.store.kms.KmsHttp.Verdict;
import io.zenmesh.controlplane.store.kms.OwnBytes;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.Arrays;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks a transit engine over HTTPS. A question that may be asked twice is asked up to three times;
 * a refusal is final. Thread-safe.
 */
final class TransitClient implements AutoCloseable {
  private final TransitAddress address;
  private final Duration patience;
  private final KmsHttp http;

  /**
   * @param patience for one answer
   */
  TransitClient(TransitAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    this.http = new KmsHttp(address, patience, trusting(address.roots()));
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
    return ask(path, "GET", new byte[0], KmsHttp.ATTEMPTS);
  }

  /** Asks what changes nothing, however often it is asked. */
  Reply post(String path, byte[] body) {
    return ask(path, "POST", body, KmsHttp.ATTEMPTS);
  }

  /** Asks once: who does not know whether it was done looks. */
  Reply postOnce(String path, byte[] body) {
    return ask(path, "POST", body, 1);
  }

  private Reply ask(String path, String method, byte[] body, int attempts) {
    return http.ask(
        attempts,
        () -> request(path, method, body),
        answer -> {
          int status = answer.status();
          return status == 200 || status == 204 || status == 400
              ? new Verdict.Good<>(new Reply(status, answer.body()))
              : new Verdict.Bad<>(fault(status), status >= 429);
        });
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
    KmsFault fault =
        switch (status) {
          case 401, 403 -> KmsFault.KMS_DENIED;
          case 404 -> KmsFault.KMS_KEY_UNFIT;
          case 429, 500, 502, 503, 504 -> KmsFault.KMS_UNAVAILABLE;
          default -> KmsFault.KMS_ANSWER_UNKNOWN;
        };
    return fault.at(address, "answered " + status);
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
    http.close();
  }
}
