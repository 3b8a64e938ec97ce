package io.zenmesh.xds.snapshot;

import com.google.protobuf.Any;

/** One resource as it goes to a node: serialised once, versioned by its content. Immutable. */
public final class Resource {
  private final ResourceType type;
  private final String name;
  private final String version;
  private final Any body;

  /**
   * @param version see {@link ContentVersion}: equal content has an equal version, in every process
   */
  public Resource(ResourceType type, String name, String version, Any body) {
    if (!body.getTypeUrl().equals(type.url())) {
      throw new IllegalArgumentException(
          "body: " + body.getTypeUrl() + " (expected: " + type.url() + ")");
    }
    this.type = type;
    this.name = name;
    this.version = version;
    this.body = body;
  }

  public ResourceType type() {
    return type;
  }

  public String name() {
    return name;
  }

  public String version() {
    return version;
  }

  public Any body() {
    return body;
  }

  @Override
  public String toString() {
    return type + " " + name + " @" + version;
  }
}
