package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Public keys of checkpoints that somebody has kept, one a line. */
final class VerifierKeyFile {
  private VerifierKeyFile() {}

  /**
   * @throws CliException when it cannot be read, or a line is no such key
   */
  static List<VerifierKey> read(Path file) {
    try {
      return Files.readString(file).lines().map(VerifierKey::parse).toList();
    } catch (IOException e) {
      throw CliException.failed(e.getMessage() + " (expected: a readable file)");
    } catch (IllegalArgumentException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    }
  }
}
