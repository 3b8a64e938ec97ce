package io.zenmesh.e2e.check;

import io.zenmesh.xds.model.EndpointRef;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The running mesh as the check sees it: from outside, and at the target.
 *
 * @param ingresses the ingress nodes, in the order of the table
 * @param tls what its clients trust
 * @param sources who sends to which endpoint
 * @param arrivals what the target received
 * @param clock what timestamps are made by
 */
public record Rig(
    List<Ingress> ingresses,
    ClientTls tls,
    Map<EndpointRef, Source> sources,
    Arrivals arrivals,
    Clock clock) {
  /**
   * One ingress node.
   *
   * @param node its name
   * @param port its port on 127.0.0.1
   */
  public record Ingress(String node, int port) {}

  public Rig {
    ingresses = List.copyOf(ingresses);
    sources = Map.copyOf(sources);
  }

  /**
   * The source of an endpoint.
   *
   * @throws IllegalArgumentException when there is none
   */
  public Source source(String routeName) {
    return Optional.ofNullable(sources.get(EndpointRef.parse(routeName)))
        .orElseThrow(() ->
            new IllegalArgumentException(
                "endpoint: " + routeName + " (expected: one of " + sources.keySet() + ")"));
  }

  /** The ingress node that follows this one, the first after the last. */
  public Ingress after(Ingress ingress) {
    return ingresses.get((ingresses.indexOf(ingress) + 1) % ingresses.size());
  }
}
