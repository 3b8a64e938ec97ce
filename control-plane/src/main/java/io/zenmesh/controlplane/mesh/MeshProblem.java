package io.zenmesh.controlplane.mesh;

/**
 * One thing wrong with a mesh file.
 *
 * @param file the file's name as given
 * @param line counted from 1
 * @param subject the document, such as {@code Endpoint acme/orders}; a document without a name goes
 *     by its kind and number
 * @param text {@code path: value (expected: ...)}; never a secret's value
 */
public record MeshProblem(String file, int line, String subject, String text)
    implements Comparable<MeshProblem> {
  @Override
  public int compareTo(MeshProblem other) {
    int byLine = Integer.compare(line, other.line);
    return byLine != 0 ? byLine : text.compareTo(other.text);
  }

  @Override
  public String toString() {
    return subject.isEmpty()
        ? file + ":" + line + ": " + text
        : file + ":" + line + ": " + subject + ": " + text;
  }
}
