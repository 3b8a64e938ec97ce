package io.zenmesh.xds.resource;

import com.google.protobuf.Message;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Turns the model of one node into the resources it loads.
 *
 * <p>Pure: equal input gives equal bytes and versions, in any order and any process. Thread-safe.
 * Input that cannot be rendered safely throws {@link IllegalArgumentException}.
 */
public final class SnapshotFactory {
  private final ContentVersion versions;

  /**
   * @param versions gives each resource its version; stays the caller's to close
   */
  public SnapshotFactory(ContentVersion versions) {
    this.versions = versions;
  }

  /**
   * What an ingress Envoy loads.
   *
   * @param certificate the certificate it shows webhook sources; its name is the node's {@code
   *     certificateSecret}
   * @param bundles roots of clients; those that no route names are left out
   */
  public NodeSnapshot ingress(
      IngressNode node, TlsIdentity certificate, Collection<TrustBundle> bundles) {
    if (!certificate.name().equals(node.certificateSecret())) {
      throw new IllegalArgumentException(
          "certificate: " + certificate.name() + " (expected: " + node.certificateSecret() + ")");
    }
    List<Resource> resources = new ArrayList<>();
    add(resources, ResourceType.SECRET, certificate.name(), Secrets.certificate(certificate));
    add(
        resources,
        ResourceType.CLUSTER,
        ResourceNames.EXTPROC_CLUSTER,
        Clusters.processor(node.processorSocket()));
    if (!node.egress().isEmpty()) {
      add(
          resources,
          ResourceType.CLUSTER,
          ResourceNames.EGRESS_CLUSTER,
          Clusters.egress(node.egress()));
    }
    List<ClientHost> clientHosts = ClientHost.of(node.routes());
    clientHosts.stream()
        .map(ClientHost::clientCa)
        .distinct()
        .forEach(
            name -> add(resources, ResourceType.SECRET, name, Secrets.bundle(find(bundles, name))));
    add(
        resources,
        ResourceType.LISTENER,
        ResourceNames.INGRESS,
        Listeners.ingress(node, clientHosts));
    Routes.ingress(node, clientHosts)
        .forEach(routes -> add(resources, ResourceType.ROUTE, routes.getName(), routes));
    return NodeSnapshot.of(resources);
  }

  /** What an ingress Envoy loads whose routes ask for no client certificate. */
  public NodeSnapshot ingress(IngressNode node, TlsIdentity certificate) {
    return ingress(node, certificate, List.of());
  }

  /**
   * What an egress Envoy loads. As long as no ingress identity may connect, it has no listener.
   *
   * @param bundles roots of targets; those that no destination names are left out
   */
  public NodeSnapshot egress(EgressNode node, Collection<TrustBundle> bundles) {
    Map<String, Destination> destinations = new TreeMap<>();
    for (Destination destination : node.routes().values()) {
      String cluster = ResourceNames.destinationCluster(destination);
      Destination other = destinations.put(cluster, destination);
      if (other != null && !other.equals(destination)) {
        throw new IllegalArgumentException(
            cluster + ": two contents (expected: one for each name)");
      }
    }
    List<Resource> resources = new ArrayList<>();
    destinations.values().stream()
        .flatMap(destination -> destination.trustBundle().stream())
        .distinct()
        .forEach(
            name -> add(resources, ResourceType.SECRET, name, Secrets.bundle(find(bundles, name))));
    destinations.forEach((name, destination) ->
        add(resources, ResourceType.CLUSTER, name, Clusters.destination(destination)));
    if (!node.ingressSpiffeIds().isEmpty()) {
      add(resources, ResourceType.LISTENER, ResourceNames.EGRESS, Listeners.egress(node));
    }
    add(resources, ResourceType.ROUTE, ResourceNames.EGRESS, Routes.egress(node));
    return NodeSnapshot.of(resources);
  }

  /** What the external processor beside an ingress Envoy loads. */
  public NodeSnapshot processor(
      Collection<EndpointPolicy> policies, Collection<EndpointKeys> keys) {
    List<Resource> resources = new ArrayList<>();
    for (EndpointPolicy policy : policies) {
      add(resources, ResourceType.POLICY, policy.ref().routeName(), PolicyCodec.encode(policy));
    }
    for (EndpointKeys endpointKeys : keys) {
      add(
          resources,
          ResourceType.KEYS,
          endpointKeys.ref().routeName(),
          PolicyCodec.encode(endpointKeys));
    }
    return NodeSnapshot.of(resources);
  }

  private void add(List<Resource> resources, ResourceType type, String name, Message message) {
    resources.add(versions.resource(type, name, message));
  }

  private static TrustBundle find(Collection<TrustBundle> bundles, String name) {
    return bundles.stream()
        .filter(bundle -> bundle.name().equals(name))
        .findFirst()
        .orElseThrow(() ->
            new IllegalArgumentException(
                "trust bundle: " + name + " is missing (expected: among the bundles)"));
  }
}
