package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/** A new file of mode 0600 for {@code --out}, made before what goes into it is asked for. */
final class NewFile {
  private NewFile() {}

  static OutputStream create(Path file) {
    try {
      Files.createFile(
          file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      return Files.newOutputStream(file);
    } catch (FileAlreadyExistsException e) {
      throw CliException.usage("--out: " + file + " exists (expected: a new file)");
    } catch (IOException e) {
      throw CliException.usage("--out: " + file + " cannot be made (expected: a new file)");
    }
  }

  static void dropIfEmpty(Path file) {
    try {
      if (Files.size(file) == 0) {
        Files.delete(file);
      }
    } catch (IOException e) {
      // An empty file is left: harmless, and the reason of the failure is more to the point.
    }
  }
}
