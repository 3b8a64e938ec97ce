package io.zenmesh.controlplane.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * The folder, outside the database, that remembers what the record was: {@code checkpoint} is the
 * newest signed note, {@code checkpoints} all of them, {@code verifier-keys} the public keys. None
 * of it is secret. Not thread-safe.
 */
public final class CheckpointFiles {
  private final Path folder;

  public CheckpointFiles(Path folder) {
    this.folder = folder;
  }

  /** Where the newest one is. */
  public Path newest() {
    return folder.resolve("checkpoint");
  }

  /** Where all of them are. */
  public Path history() {
    return folder.resolve("checkpoints");
  }

  /** Where the public keys are, one a line. */
  public Path verifierKeys() {
    return folder.resolve("verifier-keys");
  }

  /** The newest checkpoint; empty when there is none. */
  Optional<String> readNewest() throws IOException {
    return read(newest());
  }

  /** The public keys, one a line; empty when there are none. */
  Optional<String> readVerifierKeys() throws IOException {
    return read(verifierKeys());
  }

  /** Adds a public key unless it is there; returns all of them, oldest first. */
  List<String> remember(String verifierKey) throws IOException {
    String known = readVerifierKeys().orElse("");
    if (known.lines().anyMatch(verifierKey::equals)) {
      return known.lines().toList();
    }
    String all = known + verifierKey + "\n";
    replace(verifierKeys(), all);
    return all.lines().toList();
  }

  /** Writes a checkpoint: into the history, then as the newest, each durable before the next. */
  void write(String note) throws IOException {
    Files.createDirectories(folder);
    try (FileChannel channel =
        FileChannel.open(history(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      channel.write(ByteBuffer.wrap((note + "\n").getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    replace(newest(), note);
  }

  private static Optional<String> read(Path file) throws IOException {
    try {
      return Optional.of(Files.readString(file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** A crash leaves the old file or the whole new one. */
  private void replace(Path file, String text) throws IOException {
    Files.createDirectories(folder);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      channel.write(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
      channel.force(true);
    }
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel directory = FileChannel.open(folder, StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
