package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.DurableText;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * The folder in which a witness remembers, for each log, the last checkpoint it has cosigned: the
 * cosigned note itself, so that it can also be copied from there and verified. One process at a
 * time has it; one thread a log.
 */
final class WitnessState implements AutoCloseable {
  private final Path folder;
  private final FileChannel lockFile;
  private final WitnessKey key;

  private WitnessState(Path folder, FileChannel lockFile, WitnessKey key) {
    this.folder = folder;
    this.lockFile = lockFile;
    this.key = key;
  }

  /**
   * Takes the folder, and makes it when it is not there.
   *
   * @param key what is read must be cosigned with
   * @throws IOException when it cannot be used or another process has it
   */
  static WitnessState open(Path folder, WitnessKey key) throws IOException {
    Files.createDirectories(folder);
    FileChannel file =
        FileChannel.open(
            folder.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      Optional<FileLock> lock = Optional.ofNullable(file.tryLock());
      if (lock.isEmpty()) {
        throw taken(folder);
      }
    } catch (OverlappingFileLockException e) {
      file.close();
      throw taken(folder);
    } catch (IOException e) {
      file.close();
      throw e;
    }
    return new WitnessState(folder, file, key);
  }

  private static IOException taken(Path folder) {
    return new IOException("state: " + folder + " is in use (expected: one witness a folder)");
  }

  /**
   * What was cosigned last of a log; empty when nothing was.
   *
   * @throws IOException when the file cannot be read, or is not what this witness has cosigned: a
   *     witness that forgets would cosign a fork
   */
  Optional<SignedCheckpoint> last(String origin) throws IOException {
    Path file = folder.resolve(name(origin));
    Optional<String> note = DurableText.read(file);
    if (note.isEmpty()) {
      return Optional.empty();
    }
    SignedCheckpoint checkpoint;
    try {
      checkpoint = SignedCheckpoint.parse(note.get());
    } catch (IllegalArgumentException e) {
      throw new IOException("state: " + file + " is damaged (expected: a cosigned checkpoint)", e);
    }
    if (!checkpoint.origin().equals(origin) || key.cosigned(checkpoint).isEmpty()) {
      throw new IOException(
          "state: " + file + " is not cosigned by this key (expected: its own state)");
    }
    return Optional.of(checkpoint);
  }

  /** Remembers; on disk when this returns. */
  void remember(String origin, String cosigned) throws IOException {
    DurableText.replace(folder, name(origin), cosigned);
  }

  /** Origins have slashes and more; their hash is a file's name. */
  static String name(String origin) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(origin.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash, 0, 16) + ".checkpoint";
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
