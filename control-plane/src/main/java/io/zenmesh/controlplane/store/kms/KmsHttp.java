package io.zenmesh.controlplane.store.kms;

import io.zenmesh.controlplane.custody.CustodyException;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;

/**
 * Asks a key management service over HTTP/1.1, with a pause before each further attempt. Redirects
 * are not followed; an answer is at most 64 KiB. Thread-safe.
 */
public final class KmsHttp implements AutoCloseable {
  /** How often a question is asked that may be asked twice. */
  public static final int ATTEMPTS = 3;

  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final long PAUSE_MILLIS = 100;
  private static final int MAX_ANSWER = 64 * 1024;

  private final KmsPlace place;
  private final Duration patience;
  private final HttpClient http;

  /**
   * @param patience for one answer, to its last byte
   */
  public KmsHttp(KmsPlace place, Duration patience, SSLContext trust) {
    this.place = place;
    this.patience = patience;
    this.http =
        HttpClient.newBuilder()
            .sslContext(trust)
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER)
            .build();
  }

  /**
   * What came back.
   *
   * @param body the reader's to zero
   */
  public record Reply(int status, byte[] body) {}

  /** What an answer means. */
  public sealed interface Verdict<T> {
    /** It is what was asked for. */
    record Good<T>(T value) implements Verdict<T> {}

    /**
     * It is not.
     *
     * @param again whether another attempt may bring it
     */
    record Bad<T>(CustodyException fault, boolean again) implements Verdict<T> {}
  }

  /**
   * Asks until an answer is good, a fault is final, or it was asked often enough.
   *
   * @param request made anew for each attempt
   * @param reader says what an answer means; what it throws is final
   * @throws CustodyException the last fault
   */
  public <T> T ask(
      int attempts, Supplier<HttpRequest> request, Function<Reply, Verdict<T>> reader) {
    for (int attempt = 1; ; attempt++) {
      try {
        HttpResponse<byte[]> response = sent(request.get());
        switch (reader.apply(new Reply(response.statusCode(), response.body()))) {
          case Verdict.Good<T>(T value) -> {
            return value;
          }
          case Verdict.Bad<T>(CustodyException fault, boolean again) -> {
            if (attempt == attempts || !again) {
              throw fault;
            }
          }
        }
      } catch (IOException e) {
        if (attempt == attempts) {
          throw e instanceof HttpTimeoutException
              ? KmsFault.KMS_TIMED_OUT.at(place, "does not answer in time", e)
              : KmsFault.KMS_UNREACHABLE.at(place, reason(e), e);
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

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }

  private CustodyException interrupted(InterruptedException e) {
    Thread.currentThread().interrupt();
    return KmsFault.KMS_TIMED_OUT.at(place, "interrupted", e);
  }

  private void pause(int attempt) {
    try {
      Thread.sleep(PAUSE_MILLIS * attempt);
    } catch (InterruptedException e) {
      throw interrupted(e);
    }
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
