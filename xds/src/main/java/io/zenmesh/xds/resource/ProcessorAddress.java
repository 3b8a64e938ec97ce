package io.zenmesh.xds.resource;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;

/** Where an Envoy without a mesh finds its processor. */
public sealed interface ProcessorAddress {
  /**
   * A Unix socket.
   *
   * @param path absolute, at most 107 characters
   */
  record Socket(String path) implements ProcessorAddress {}

  /**
   * TCP by TLS 1.3, both sides with certificates.
   *
   * @param spiffeId the only identity accepted there
   * @param own Envoy's files; the paths must be valid where Envoy runs
   */
  record Mtls(HostPort address, String spiffeId, IdentityFiles own) implements ProcessorAddress {}
}
