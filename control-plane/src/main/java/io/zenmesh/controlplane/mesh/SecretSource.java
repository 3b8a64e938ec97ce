package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/**
 * Reads what a mesh file refers to: files below one folder, and environment variables.
 *
 * <p>Symbolic links are followed only as far as they stay below the folder. Thread-safe.
 */
public final class SecretSource {
  /** The largest value or certificate, in bytes. */
  static final int MAX_BYTES = 1024 * 1024;

  private final Path folder;
  private final Function<String, Optional<String>> environment;

  /**
   * @param folder relative files are taken below it
   * @param environment looks a variable up
   */
  public SecretSource(Path folder, Function<String, Optional<String>> environment) {
    this.folder = folder;
    this.environment = environment;
  }

  /** What reading gave. */
  sealed interface Reading {
    /** The bytes, the reader's to close. */
    final class Read implements Reading {
      private final SecretBytes bytes;

      private Read(SecretBytes bytes) {
        this.bytes = bytes;
      }

      SecretBytes bytes() {
        return bytes;
      }
    }

    /**
     * Nothing; {@code problem} has the form {@code what (expected: ...)} and does not repeat the
     * file or variable: someone may have put the secret itself there.
     */
    record Unreadable(String problem) implements Reading {}
  }

  /** The bytes of a file, one trailing newline dropped. */
  Reading file(String relative) {
    byte[] bytes;
    try {
      Path root = folder.toRealPath();
      Path file = root.resolve(relative).toRealPath();
      if (!file.startsWith(root)) {
        return new Reading.Unreadable(
            "leads out of the secrets folder (expected: a file below it)");
      }
      if (!Files.isRegularFile(file)) {
        return new Reading.Unreadable("is not a file (expected: a file)");
      }
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
    } catch (IOException e) {
      return new Reading.Unreadable(
          "cannot be read (expected: a readable file below the secrets folder)");
    }
    return checked(bytes);
  }

  /** The value of an environment variable as UTF-8, one trailing newline dropped. */
  Reading variable(String name) {
    return environment
        .apply(name)
        .map(value -> checked(value.getBytes(StandardCharsets.UTF_8)))
        .orElseGet(() -> new Reading.Unreadable("not set (expected: a variable that is set)"));
  }

  private static Reading checked(byte[] bytes) {
    try {
      if (bytes.length > MAX_BYTES) {
        return new Reading.Unreadable("too large (expected: at most " + MAX_BYTES + " bytes)");
      }
      int length = bytes.length;
      if (length > 0 && bytes[length - 1] == '\n') {
        length--;
      }
      if (length == 0) {
        return new Reading.Unreadable("empty (expected: at least one byte)");
      }
      return new Reading.Read(SecretBytes.takeOver(Arrays.copyOf(bytes, length)));
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
