package io.zenmesh.e2e.harness;

/** Text as a YAML scalar, whatever is in it. */
final class Yaml {
  private Yaml() {}

  /** In single quotes, in which only the quote itself means anything. */
  static String quoted(Object text) {
    return "'" + text.toString().replace("'", "''") + "'";
  }
}
