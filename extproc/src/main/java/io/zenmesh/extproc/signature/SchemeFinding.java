package io.zenmesh.extproc.signature;

/**
 * What is wrong or weak in a scheme document, and where.
 *
 * @param line from 1
 * @param column from 1
 * @param path such as {@code signature.algorithm}
 * @param problem for people
 */
public record SchemeFinding(int line, int column, String path, Severity severity, String problem) {
  /** Whether the document can be used. */
  public enum Severity {
    /** It is no scheme. */
    ERROR,
    /** It is one, and weak. */
    WARNING
  }

  /** {@code line:column: severity: path: problem}. */
  @Override
  public String toString() {
    String word = severity == Severity.ERROR ? "error" : "warning";
    return line + ":" + column + ": " + word + ": " + path + ": " + problem;
  }
}
