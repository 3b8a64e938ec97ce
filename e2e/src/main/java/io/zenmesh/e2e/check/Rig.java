package io.zenmesh.e2e.check;

import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.xds.model.EndpointRef;
import java.io.IOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

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

  /** The demo set in a mesh of this machine, with a target that listens where the mesh sends. */
  public static Rig of(Mesh mesh, SampleTarget target, Clock clock) throws IOException {
    MeshFiles files = mesh.files();
    return new Rig(
        mesh.ingressNodes().stream()
            .map(node -> new Ingress(node, files.ingress(node).port()))
            .toList(),
        ClientTls.trusting(files.roots()),
        DemoEndpoint.ALL.stream()
            .map(endpoint ->
                new Source(
                    endpoint.ref(),
                    endpoint.scheme(),
                    endpoint.host(),
                    endpoint.path(),
                    files.secret(endpoint)))
            .collect(Collectors.toMap(Source::ref, Function.identity())),
        target.arrivals(),
        clock);
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
