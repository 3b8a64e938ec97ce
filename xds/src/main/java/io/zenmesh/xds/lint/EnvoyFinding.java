package io.zenmesh.xds.lint;

import io.zenmesh.xds.document.Position;

/**
 * A way past the processor in somebody's own Envoy configuration, or something that may be one.
 *
 * @param path the way to it in the file, such as {@code static_resources.listeners[0]}
 * @param problem what is wrong, and what was expected
 * @param fix what to do
 */
public record EnvoyFinding(Position at, String path, String problem, String fix) {
  /** {@code line:column: path: problem; fix: fix}. */
  @Override
  public String toString() {
    return at + ": " + (path.isEmpty() ? "" : path + ": ") + problem + "; fix: " + fix;
  }
}
