package io.zenmesh.extproc.standalone;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The text of a file at one moment, or why there is none. The problem holds neither content nor
 * what was expected: that is the caller's to say.
 */
record TextFile(Optional<String> text, String problem) {
  private static final int MOST_BYTES_OF_A_CHARACTER = 4;

  /**
   * Reads a regular file and no other: a pipe would hold the thread, and a device has no end.
   *
   * @param most how many characters it may have
   */
  static TextFile read(Path file, int most) {
    try {
      if (!Files.isRegularFile(file)) {
        return none(Files.exists(file) ? "not a regular file" : "cannot be read");
      }
      int mostBytes = MOST_BYTES_OF_A_CHARACTER * most;
      byte[] bytes;
      try (InputStream in = Files.newInputStream(file)) {
        bytes = in.readNBytes(mostBytes + 1);
      }
      if (bytes.length > mostBytes) {
        return none("more than " + mostBytes + " bytes");
      }
      String text = StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      return text.length() > most
          ? none(text.length() + " characters")
          : new TextFile(Optional.of(text), "");
    } catch (IOException e) {
      return none("cannot be read");
    }
  }

  private static TextFile none(String problem) {
    return new TextFile(Optional.empty(), problem);
  }
}
