package io.zenmesh.extproc.standalone;

import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.standalone.StandaloneEndpoint.SecretRef;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Reads what an {@code endpoints.yaml} refers to. One trailing newline is dropped; no more than
 * {@value #MAX_BYTES} bytes are read. Thread-safe.
 *
 * <p>A file that everyone may read is refused. In a mounted directory it is only warned of, since
 * Kubernetes mounts secrets so unless told otherwise, into a file system of the pod's own. A file
 * that everyone may write is refused in both.
 */
final class SecretSource {
  static final int MAX_BYTES = 64 * 1024;

  private final Function<String, Optional<String>> environment;

  /**
   * @param environment looks a variable up
   */
  SecretSource(Function<String, Optional<String>> environment) {
    this.environment = environment;
  }

  /**
   * What reading gave; the problem and the warning never hold content, nor the name of what is not
   * there: somebody may have put the secret itself in its place.
   */
  static final class Reading {
    private final Optional<SecretBytes> bytes;
    private final String problem;
    private final Optional<String> warning;

    private Reading(Optional<SecretBytes> bytes, String problem, Optional<String> warning) {
      this.bytes = bytes;
      this.problem = problem;
      this.warning = warning;
    }

    private static Reading unreadable(String problem) {
      return new Reading(Optional.empty(), problem, Optional.empty());
    }

    Optional<SecretBytes> bytes() {
      return bytes;
    }

    String problem() {
      return problem;
    }

    Optional<String> warning() {
      return warning;
    }

    boolean sameAs(Reading other) {
      if (bytes.isPresent() && other.bytes.isPresent()) {
        return bytes.get().sameAs(other.bytes.get());
      }
      return bytes.isEmpty() && other.bytes.isEmpty() && problem.equals(other.problem);
    }
  }

  Reading read(SecretRef ref) {
    return switch (ref) {
      case SecretRef.File(var at, Path file) -> file(file, false);
      case SecretRef.Mounted(var at, Path directory, String key) ->
          file(directory.resolve(key), true);
      case SecretRef.Variable(var at, String name) -> variable(name);
    };
  }

  private Reading variable(String name) {
    Optional<String> value = environment.apply(name);
    if (value.isEmpty()) {
      return Reading.unreadable("not set (expected: an environment variable that is set)");
    }
    return checked(value.get().getBytes(StandardCharsets.UTF_8), name, Optional.empty());
  }

  /** Any file that is a secret, by itself or in a mounted directory. */
  static Reading file(Path file, boolean mounted) {
    Optional<String> warning = Optional.empty();
    byte[] bytes;
    try {
      if (!Files.isRegularFile(file)) {
        return Reading.unreadable(
            (Files.exists(file) ? "no file" : "missing") + " (expected: a file of this name)");
      }
      Set<PosixFilePermission> mode = mode(file);
      if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
        return Reading.unreadable(
            file + ": everyone may write it (expected: mode 0600, or 0640 with a group)");
      }
      if (mode.contains(PosixFilePermission.OTHERS_READ)) {
        String text = file + ": everyone may read it (expected: mode 0600, or 0640 with a group)";
        if (!mounted) {
          return Reading.unreadable(text);
        }
        warning = Optional.of(text);
      }
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(MAX_BYTES + 1);
      }
    } catch (IOException e) {
      return Reading.unreadable("cannot be read (expected: a readable file)");
    }
    return checked(bytes, file.toString(), warning);
  }

  private static Set<PosixFilePermission> mode(Path file) throws IOException {
    try {
      return Files.getPosixFilePermissions(file);
    } catch (UnsupportedOperationException noSuchModes) {
      return Set.of();
    }
  }

  private static Reading checked(byte[] bytes, String where, Optional<String> warning) {
    try {
      if (bytes.length > MAX_BYTES) {
        return Reading.unreadable(
            where + ": too large (expected: at most " + MAX_BYTES + " bytes)");
      }
      boolean newline = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
      int length = newline ? bytes.length - 1 : bytes.length;
      if (length == 0) {
        return Reading.unreadable(where + ": empty (expected: a secret)");
      }
      return new Reading(
          Optional.of(SecretBytes.takeOver(Arrays.copyOf(bytes, length))), "", warning);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
