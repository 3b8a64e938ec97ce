package io.zenmesh.xds.model;

import java.util.Locale;

/** What kind of process a node of the mesh is; the role decides which resources it may read. */
public enum NodeRole {
  /** An Envoy: listeners, routes, clusters, TLS secrets; never a verification key. */
  ENVOY,
  /** An external processor: endpoint policies and verification keys; never a TLS key. */
  EXTPROC;

  /** The path segment of the role in a SPIFFE id: {@code envoy} or {@code extproc}. */
  public String segment() {
    return name().toLowerCase(Locale.ROOT);
  }
}
