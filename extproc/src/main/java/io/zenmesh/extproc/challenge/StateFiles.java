package io.zenmesh.extproc.challenge;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps what challenges leave behind as files of one directory, each readable by its owner alone:
 * {@code TENANT.ENDPOINT.secret} and {@code TENANT.ENDPOINT.confirm-url}.
 *
 * <p>Processors that share the directory share the secrets; each takes up another's when it next
 * looks. A secret goes only when the operator removes its file. Thread-safe.
 */
public final class StateFiles implements HandshakeSecrets, SubscriptionConfirmer {
  private static final Logger log = LoggerFactory.getLogger(StateFiles.class);
  private static final int MAX_SECRET_BYTES = 256;
  private static final Set<PosixFilePermission> OWNER =
      PosixFilePermissions.fromString("rw-------");
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_ONLY =
      PosixFilePermissions.asFileAttribute(OWNER);

  private final Path directory;
  private final Executor writer;

  /**
   * Uses a directory, which is made if it is not there.
   *
   * @param writer runs what blocks on the disk
   */
  public StateFiles(Path directory, Executor writer) throws IOException {
    this.directory =
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    this.writer = writer;
  }

  @Override
  public CompletionStage<Boolean> store(EndpointRef endpoint, SecretBytes secret) {
    byte[] bytes = secret.copy(SecretAccess.granted());
    CompletableFuture<Boolean> stored = new CompletableFuture<>();
    try {
      writer.execute(() -> stored.complete(storeNow(endpoint, bytes)));
    } catch (RejectedExecutionException full) {
      Arrays.fill(bytes, (byte) 0);
      stored.complete(false);
    }
    return stored;
  }

  private boolean storeNow(EndpointRef endpoint, byte[] secret) {
    try {
      Path written = written(secret);
      try {
        // A link is made whole or not at all, and never over a file that is there.
        Files.createLink(secretFile(endpoint), written);
      } finally {
        Files.delete(written);
      }
      log.info("endpoint {}: the secret of its provider is stored", endpoint);
      return true;
    } catch (FileAlreadyExistsException taken) {
      return false;
    } catch (IOException | RuntimeException e) {
      log.error("endpoint {}: secret not stored: {}", endpoint, e.getClass().getSimpleName());
      return false;
    } finally {
      Arrays.fill(secret, (byte) 0);
    }
  }

  @Override
  public Optional<SecretBytes> find(EndpointRef endpoint) {
    Path file = secretFile(endpoint);
    try {
      if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)) {
        return Optional.empty();
      }
      if (!OWNER.containsAll(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS))) {
        log.error("{}: readable by others (expected: mode 0600); not used", file);
        return Optional.empty();
      }
      long size = Files.size(file);
      if (size < 1 || size > MAX_SECRET_BYTES) {
        log.error("{}: {} bytes (expected: 1 to {}); not used", file, size, MAX_SECRET_BYTES);
        return Optional.empty();
      }
      return Optional.of(SecretBytes.takeOver(Files.readAllBytes(file)));
    } catch (IOException e) {
      log.error("{}: not read: {}", file, e.getClass().getSimpleName());
      return Optional.empty();
    }
  }

  /** Keeps the URL for the operator and says where; a later one replaces it. */
  @Override
  public void confirm(EndpointRef endpoint, URI url) {
    try {
      writer.execute(() -> confirmNow(endpoint, url));
    } catch (RejectedExecutionException full) {
      log.error("endpoint {}: URL of a subscription not kept: too much to write", endpoint);
    }
  }

  private void confirmNow(EndpointRef endpoint, URI url) {
    Path file = file(endpoint, "confirm-url");
    try {
      Files.move(
          written((url + "\n").getBytes(StandardCharsets.US_ASCII)),
          file,
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
      log.warn(
          "endpoint {}: a subscription waits; to confirm it open the URL in {}", endpoint, file);
    } catch (IOException e) {
      log.error(
          "endpoint {}: URL of a subscription not kept: {}",
          endpoint,
          e.getClass().getSimpleName());
    }
  }

  private Path written(byte[] content) throws IOException {
    Path temporary = Files.createTempFile(directory, ".new", "", OWNER_ONLY);
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(content);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    } catch (IOException e) {
      // Part of a secret may be in it.
      Files.deleteIfExists(temporary);
      throw e;
    }
    return temporary;
  }

  private Path secretFile(EndpointRef endpoint) {
    return file(endpoint, "secret");
  }

  /** Neither name holds a dot or a slash. */
  private Path file(EndpointRef endpoint, String kind) {
    return directory.resolve(endpoint.tenant() + "." + endpoint.endpoint() + "." + kind);
  }
}
