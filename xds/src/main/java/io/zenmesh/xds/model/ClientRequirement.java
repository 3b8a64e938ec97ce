package io.zenmesh.xds.model;

import java.util.List;

/**
 * Which client certificate a request must have come with.
 *
 * @param mtls whether one is asked for, and whether it may be missing
 * @param spiffeIds the URI names of which the certificate must carry one; empty when any will do
 * @param sans the DNS names of which the certificate must carry one; empty when any will do
 */
public record ClientRequirement(Mtls mtls, List<String> spiffeIds, List<String> sans) {
  /** Any client, with or without a certificate. */
  public static final ClientRequirement NONE =
      new ClientRequirement(Mtls.NONE, List.of(), List.of());

  /** Copies the lists. */
  public ClientRequirement {
    spiffeIds = List.copyOf(spiffeIds);
    sans = List.copyOf(sans);
  }

  /** Whether a client certificate is asked for. */
  public enum Mtls {
    /** Not asked for. */
    NONE,
    /** Asked for; a request without one goes on, one with a wrong one does not. */
    OPTIONAL,
    /** Asked for, and no request goes on without. */
    REQUIRED
  }
}
