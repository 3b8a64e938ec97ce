package io.zenmesh.xds.model;

import java.util.List;
import java.util.Optional;

/**
 * Who may call an endpoint, and how often, as Envoy enforces it before the processor is asked.
 *
 * @param client which client certificate a request must have come with
 * @param clientCa the name of the SDS secret with the roots that client certificates chain to;
 *     present exactly when one is asked for
 * @param rateLimit how many requests are let through; empty for any number
 * @param allowFrom the networks of which the connection's own source must be in one; empty for any
 *     source; at most {@value #MAX_NETWORKS}
 */
public record Access(
    ClientRequirement client,
    Optional<String> clientCa,
    Optional<RateLimit> rateLimit,
    List<Cidr> allowFrom) {
  /** How many networks one endpoint may name. */
  public static final int MAX_NETWORKS = 64;

  /** Anyone, as often as they like. */
  public static final Access OPEN =
      new Access(ClientRequirement.NONE, Optional.empty(), Optional.empty(), List.of());

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when roots and client requirement contradict each other, or
   *     there are too many networks
   */
  public Access {
    allowFrom = List.copyOf(allowFrom);
    if (client.asked() != clientCa.isPresent()) {
      throw new IllegalArgumentException(
          "clientCa: "
              + (clientCa.isPresent() ? "given" : "missing")
              + " (expected: exactly where a client certificate is asked for)");
    }
    if (allowFrom.size() > MAX_NETWORKS) {
      throw new IllegalArgumentException(
          "allowFrom: " + allowFrom.size() + " (expected: at most " + MAX_NETWORKS + ")");
    }
  }
}
