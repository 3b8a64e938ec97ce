package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.Envelope;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.mesh.SecretType;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Builds the fleet's model from the stored state, opening the secrets it needs. Thread-safe. */
final class FleetBuilder {
  private final Function<StoredSecret, SecretBytes> opener;
  private final OwnSchemes schemes;
  private final String trustDomain;

  FleetBuilder(Envelope envelope, Catalogue catalogue, String trustDomain) {
    this(
        it -> envelope.open(it.ref(), it.version(), it.sealed().orElseThrow()),
        catalogue,
        trustDomain);
  }

  /**
   * @param opener gives the value of a secret; the fleet's to close
   */
  FleetBuilder(
      Function<StoredSecret, SecretBytes> opener, Catalogue catalogue, String trustDomain) {
    this.opener = opener;
    this.schemes = new OwnSchemes(catalogue);
    this.trustDomain = trustDomain;
  }

  private record DestinationKey(Name tenant, Name name) {}

  /** The parts that are looked up by name while the nodes are put together. */
  private record Lookup(
      Map<SecretRef, StoredSecret> secrets,
      Map<DestinationKey, DestinationSpec> destinations,
      Function<StoredSecret, SecretBytes> opener,
      List<SecretBytes> opened) {
    SecretBytes open(StoredSecret secret) {
      SecretBytes bytes = opener.apply(secret);
      opened.add(bytes);
      return bytes;
    }
  }

  /**
   * The fleet, the caller's to close.
   *
   * @throws IllegalStateException when the stored state contradicts itself
   */
  Fleet build(StoredState state) {
    return build(state, opener);
  }

  /** The fleet as it would be once {@code mesh} is stored, the caller's to close. */
  Fleet build(Mesh mesh) {
    Map<SecretRef, SecretSpec> values = new HashMap<>();
    mesh.secrets().forEach(it -> values.put(it.ref(), it));
    StoredState state =
        new StoredState(
            mesh.clusters(),
            mesh.secrets().stream().map(FleetBuilder::unsealed).toList(),
            mesh.destinations(),
            mesh.endpoints());
    return build(
        state,
        secret -> {
          SecretSpec spec = Objects.requireNonNull(values.get(secret.ref()));
          return SecretBytes.takeOver(spec.value().orElseThrow().copy(SecretAccess.granted()));
        });
  }

  /** Of any version: the store has yet to give one. */
  private static StoredSecret unsealed(SecretSpec secret) {
    return new StoredSecret(
        secret.ref(), secret.type(), secret.certificatePem(), 1, Optional.empty());
  }

  private Fleet build(StoredState state, Function<StoredSecret, SecretBytes> opening) {
    List<SecretBytes> opened = new ArrayList<>();
    try {
      return build(state, opening, opened);
    } catch (RuntimeException e) {
      // There is no fleet that would close them.
      opened.forEach(SecretBytes::close);
      throw e;
    }
  }

  private Fleet build(
      StoredState state, Function<StoredSecret, SecretBytes> opening, List<SecretBytes> opened) {
    Map<SecretRef, StoredSecret> secrets = new HashMap<>();
    state.secrets().forEach(it -> secrets.put(it.ref(), it));
    Map<DestinationKey, DestinationSpec> destinations = new HashMap<>();
    state
        .destinations()
        .forEach(it -> destinations.put(new DestinationKey(it.tenant(), it.name()), it));
    Lookup lookup = new Lookup(secrets, destinations, opening, opened);

    List<IngressNode> ingress = new ArrayList<>();
    List<EgressNode> egress = new ArrayList<>();
    Map<String, TlsIdentity> certificates = new LinkedHashMap<>();
    Map<NodeId, Fleet.Processor> processors = new LinkedHashMap<>();
    for (ClusterSpec cluster : state.clusters()) {
      List<EndpointSpec> endpoints =
          state.endpoints().stream()
              .filter(it -> it.cluster().equals(cluster.name()))
              .filter(it -> it.clusterTenant().equals(cluster.tenant()))
              .toList();
      SecretRef certificate = new SecretRef(cluster.tenant(), cluster.tlsSecret());
      certificates.put(secretName(certificate), identity(certificate, lookup));
      ingress.addAll(ingressNodes(cluster, endpoints, secretName(certificate)));
      egress.addAll(egressNodes(cluster, endpoints, lookup));
      if (!cluster.ingress().isEmpty()) {
        Fleet.Processor processor = processor(endpoints, lookup);
        for (ClusterSpec.Ingress node : cluster.ingress()) {
          processors.put(new NodeId(cluster.name(), NodeRole.EXTPROC, node.name()), processor);
        }
      }
    }
    return new Fleet(ingress, certificates, egress, bundles(state), processors);
  }

  private List<IngressNode> ingressNodes(
      ClusterSpec cluster, List<EndpointSpec> endpoints, String certificate) {
    List<IngressNode.EgressPeer> peers =
        cluster.egress().stream()
            .map(it -> new IngressNode.EgressPeer(it.listen(), spiffeId(cluster, it.name())))
            .toList();
    List<IngressRoute> routes = endpoints.stream().map(this::route).toList();
    return cluster.ingress().stream()
        .map(it ->
            new IngressNode(
                new NodeId(cluster.name(), NodeRole.ENVOY, it.name()),
                it.listen(),
                certificate,
                it.processorSocket(),
                peers,
                routes))
        .toList();
  }

  private IngressRoute route(EndpointSpec endpoint) {
    EndpointPolicy policy = endpoint.policy();
    boolean onePhase =
        schemes
            .find(policy.scheme(), policy.settings().definition())
            .orElseThrow(() ->
                new IllegalStateException(
                    "scheme: " + policy.scheme() + " (expected: in the catalogue)"))
            .replay()
            .onePhase();
    // Shown in dry run too, where nothing is claimed: so the end of one needs no other route first.
    return new IngressRoute(
        policy.ref(),
        endpoint.host(),
        endpoint.path(),
        !onePhase,
        policy.enforce(),
        new Access(
            policy.client(),
            endpoint
                .callers()
                .clientCa()
                .map(ca -> secretName(new SecretRef(endpoint.tenant(), ca))),
            endpoint.callers().rateLimit(),
            endpoint.callers().allowFrom()));
  }

  private List<EgressNode> egressNodes(
      ClusterSpec cluster, List<EndpointSpec> endpoints, Lookup lookup) {
    List<String> peers =
        cluster.ingress().stream().map(it -> spiffeId(cluster, it.name())).toList();
    Map<EndpointRef, Destination> routes = new LinkedHashMap<>();
    for (EndpointSpec endpoint : endpoints) {
      DestinationKey key = new DestinationKey(endpoint.tenant(), endpoint.destination());
      DestinationSpec destination = lookup.destinations().get(key);
      if (destination == null) {
        throw new IllegalStateException(
            "destination: " + key.tenant() + "/" + key.name() + " (expected: stored)");
      }
      routes.put(
          endpoint.policy().ref(),
          new Destination(
              destination.tenant(),
              destination.name(),
              destination.url(),
              destination.ca().map(ca -> secretName(new SecretRef(destination.tenant(), ca)))));
    }
    return cluster.egress().stream()
        .map(it ->
            new EgressNode(
                new NodeId(cluster.name(), NodeRole.ENVOY, it.name()),
                it.listen(),
                peers,
                routes,
                dryRun(endpoints)))
        .toList();
  }

  private static Set<EndpointRef> dryRun(List<EndpointSpec> endpoints) {
    return endpoints.stream()
        .map(EndpointSpec::policy)
        .filter(policy -> !policy.enforce())
        .map(EndpointPolicy::ref)
        .collect(Collectors.toSet());
  }

  private Fleet.Processor processor(List<EndpointSpec> endpoints, Lookup lookup) {
    List<EndpointPolicy> policies = new ArrayList<>();
    List<EndpointKeys> keys = new ArrayList<>();
    for (EndpointSpec endpoint : endpoints) {
      policies.add(endpoint.policy());
      List<VerificationKey> opened = new ArrayList<>();
      for (Name name : endpoint.secrets()) {
        SecretRef ref = new SecretRef(endpoint.tenant(), name);
        StoredSecret stored = stored(ref, lookup);
        // The version is part of the id, so that a log tells which value of a secret matched.
        opened.add(
            new VerificationKey(
                name + "." + stored.version(),
                Instant.EPOCH,
                Optional.empty(),
                lookup.open(stored)));
      }
      Optional<SecretBytes> verifyToken =
          endpoint
              .verifyToken()
              .map(name -> lookup.open(stored(new SecretRef(endpoint.tenant(), name), lookup)));
      keys.add(new EndpointKeys(endpoint.policy().ref(), opened, verifyToken));
    }
    return new Fleet.Processor(policies, keys);
  }

  private TlsIdentity identity(SecretRef ref, Lookup lookup) {
    StoredSecret stored = stored(ref, lookup);
    return new TlsIdentity(
        secretName(ref), stored.certificatePem().orElseThrow(), lookup.open(stored));
  }

  private static StoredSecret stored(SecretRef ref, Lookup lookup) {
    StoredSecret found = lookup.secrets().get(ref);
    if (found == null) {
      throw new IllegalStateException("secret: " + ref + " (expected: stored)");
    }
    return found;
  }

  private static List<TrustBundle> bundles(StoredState state) {
    return state.secrets().stream()
        .filter(it -> it.type() == SecretType.CA)
        .map(it -> new TrustBundle(secretName(it.ref()), it.certificatePem().orElseThrow()))
        .toList();
  }

  private static String secretName(SecretRef ref) {
    return ResourceNames.secret(ref.tenant(), ref.name());
  }

  private String spiffeId(ClusterSpec cluster, Name node) {
    String path = new NodeId(cluster.name(), NodeRole.ENVOY, node).spiffePath();
    return new SpiffeId(trustDomain, path).toString();
  }
}
