package io.zenmesh.xds.model;

/**
 * Certificates that a peer's chain must end in.
 *
 * @param name the SDS secret name
 * @param certificatesPem one or more PEM certificates
 */
public record TrustBundle(String name, String certificatesPem) {}
