package io.zenmesh.controlplane.audit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;

/**
 * The folder, outside the database, that remembers what the record was: {@code checkpoint} is the
 * newest signed note, {@code checkpoints} all of them, {@code verifier-keys} the public keys. None
 * of it is secret. Not thread-safe.
 */
public final class CheckpointFiles {
  private static final String NEWEST = "checkpoint";
  private static final String VERIFIER_KEYS = "verifier-keys";

  private final Path folder;

  public CheckpointFiles(Path folder) {
    this.folder = folder;
  }

  /** Where the newest one is. */
  public Path newest() {
    return folder.resolve(NEWEST);
  }

  /** Where all of them are. */
  public Path history() {
    return folder.resolve("checkpoints");
  }

  /** Where the public keys are, one a line. */
  public Path verifierKeys() {
    return folder.resolve(VERIFIER_KEYS);
  }

  /** The newest checkpoint; empty when there is none. */
  Optional<String> readNewest() throws IOException {
    return DurableText.read(newest());
  }

  /** The public keys, one a line; empty when there are none. */
  Optional<String> readVerifierKeys() throws IOException {
    return DurableText.read(verifierKeys());
  }

  /** Adds a public key unless it is there; returns all of them, oldest first. */
  List<String> remember(String verifierKey) throws IOException {
    String known = readVerifierKeys().orElse("");
    if (known.lines().anyMatch(verifierKey::equals)) {
      return known.lines().toList();
    }
    String all = known + verifierKey + "\n";
    DurableText.replace(folder, VERIFIER_KEYS, all);
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
    DurableText.replace(folder, NEWEST, note);
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
