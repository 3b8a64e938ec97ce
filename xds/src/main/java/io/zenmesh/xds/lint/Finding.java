package io.zenmesh.xds.lint;

/**
 * A reason not to publish a snapshot. Holds no secret.
 *
 * @param resource type and name of the resource, such as {@code LISTENER ingress}
 * @param path the field within it; empty for the resource as a whole
 * @param problem what is wrong, and what was expected
 */
public record Finding(String resource, String path, String problem) {
  @Override
  public String toString() {
    return resource + (path.isEmpty() ? "" : " " + path) + ": " + problem;
  }
}
