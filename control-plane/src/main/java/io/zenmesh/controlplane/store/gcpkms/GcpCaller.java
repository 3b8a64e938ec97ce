package io.zenmesh.controlplane.store.gcpkms;

import com.google.auth.RequestMetadataCallback;
import com.google.auth.Retryable;
import com.google.auth.oauth2.GoogleCredentials;
import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.SecretFile;
import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Who asks: the headers that a request to Google is let in by. Tokens are renewed by Google's
 * library, and waited for no longer than for an answer. Thread-safe.
 */
final class GcpCaller implements AutoCloseable {
  private static final List<String> SCOPE = List.of("https://www.googleapis.com/auth/cloudkms");

  private final GcpKmsAddress address;
  private final Duration patience;
  private final GoogleCredentials credentials;
  private final ExecutorService renewals = Executors.newVirtualThreadPerTaskExecutor();

  /**
   * @throws CustodyException when there are no credentials
   */
  GcpCaller(GcpKmsAddress address, Duration patience) {
    this.address = address;
    this.patience = patience;
    try {
      GoogleCredentials found =
          address.credentials().isPresent()
              ? read(address.credentials().get())
              : GoogleCredentials.getApplicationDefault();
      this.credentials = found.createScoped(SCOPE);
    } catch (IOException | IllegalArgumentException e) {
      throw KmsFault.KMS_DENIED.at(address, "no credentials", e);
    }
  }

  private static GoogleCredentials read(Path file) throws IOException {
    try (SecretBytes text = SecretFile.read(file, "gcp credentials")) {
      byte[] clear = text.copy(SecretAccess.granted());
      try {
        return GoogleCredentials.fromStream(new ByteArrayInputStream(clear));
      } finally {
        Arrays.fill(clear, (byte) 0);
      }
    }
  }

  /** Names and values; a token among them. */
  Map<String, List<String>> headers(URI asked) {
    CompletableFuture<Map<String, List<String>>> answer = new CompletableFuture<>();
    credentials.getRequestMetadata(
        asked,
        renewals,
        new RequestMetadataCallback() {
          @Override
          public void onSuccess(Map<String, List<String>> metadata) {
            answer.complete(metadata);
          }

          @Override
          public void onFailure(Throwable exception) {
            answer.completeExceptionally(exception);
          }
        });
    try {
      return answer.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      throw KmsFault.KMS_TIMED_OUT.at(address, "no token in time", e);
    } catch (ExecutionException e) {
      throw fault(e).at(address, "no token", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw KmsFault.KMS_TIMED_OUT.at(address, "interrupted", e);
    }
  }

  private static KmsFault fault(ExecutionException e) {
    return e.getCause() instanceof Retryable known && !known.isRetryable()
        ? KmsFault.KMS_DENIED
        : KmsFault.KMS_UNAVAILABLE;
  }

  @Override
  public void close() {
    renewals.shutdownNow();
  }
}
