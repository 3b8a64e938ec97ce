package io.zenmesh.xds.document;

/**
 * What is wrong in a file, and where. Holds no secret.
 *
 * @param path such as {@code endpoints[0].scheme}; empty for the file as a whole
 * @param text what is wrong and what was expected
 */
public record Problem(Position at, String path, String text) {
  /** {@code line:column: path: text}. */
  @Override
  public String toString() {
    return at + ": " + (path.isEmpty() ? "" : path + ": ") + text;
  }
}
