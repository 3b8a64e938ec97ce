package io.zenmesh.xds.snapshot;

import java.util.Optional;

/**
 * The resource types this control plane serves, in the order in which a node must receive them:
 * what is referred to comes before what refers to it.
 */
public enum ResourceType {
  POLICY("type.googleapis.com/zenmesh.v1.EndpointPolicy"),
  KEYS("type.googleapis.com/zenmesh.v1.EndpointKeys"),
  SECRET("type.googleapis.com/envoy.extensions.transport_sockets.tls.v3.Secret"),
  CLUSTER("type.googleapis.com/envoy.config.cluster.v3.Cluster"),
  ENDPOINT("type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment"),
  LISTENER("type.googleapis.com/envoy.config.listener.v3.Listener"),
  ROUTE("type.googleapis.com/envoy.config.route.v3.RouteConfiguration");

  private final String url;

  ResourceType(String url) {
    this.url = url;
  }

  /** The type URL on the wire. */
  public String url() {
    return url;
  }

  /** Whether resources of this type hold secrets: their bytes and hashes must not be shown. */
  public boolean secret() {
    return this == KEYS || this == SECRET;
  }

  /** The type with this URL; empty when we do not serve it. */
  public static Optional<ResourceType> ofUrl(String url) {
    for (ResourceType type : values()) {
      if (type.url.equals(url)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
