package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.SecretSpec;
import io.zenmesh.controlplane.publish.KeyChoice.Chosen;
import io.zenmesh.controlplane.publish.StoredSecret.StoredVersion;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
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
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Builds the fleet's model from the stored state, opening the secrets it needs. A signing secret
 * that does not open is left out and logged: its endpoint refuses, the others go on. Thread-safe.
 */
final class FleetBuilder {
  private static final Actor ACTOR = Actor.system("publisher");
  private static final String PURPOSE = "publish";
  private static final Logger LOG = LoggerFactory.getLogger(FleetBuilder.class);

  private final SecretOpener opener;
  private final OwnSchemes schemes;
  private final String trustDomain;
  private final InstantSource clock;

  /**
   * @param clock says which versions have ended
   */
  FleetBuilder(SecretOpener opener, Catalogue catalogue, String trustDomain, InstantSource clock) {
    this.opener = opener;
    this.clock = clock;
    this.schemes = new OwnSchemes(catalogue);
    this.trustDomain = trustDomain;
  }

  /** The parts that are looked up by name while the nodes are put together. */
  private record Lookup(
      Map<SecretRef, StoredSecret> secrets,
      DerivedKeys derived,
      Instant now,
      Opening opening,
      List<SecretBytes> opened) {
    /** Empty when it does not open: a value that is damaged must not stop all the others. */
    Optional<SecretBytes> tryOpen(Chosen chosen) {
      try {
        return Optional.of(open(chosen));
      } catch (SealBrokenException e) {
        LOG.error("left out of what is published: {}", e.getMessage());
        return Optional.empty();
      }
    }

    SecretBytes open(Chosen chosen) {
      SecretBytes bytes = opening.open(chosen.ref(), chosen.version().number());
      opened.add(bytes);
      return bytes;
    }
  }

  /** Gives the value of one version of a secret, the fleet's to close. */
  interface Opening {
    SecretBytes open(SecretRef ref, long version);
  }

  /**
   * The fleet, the caller's to close.
   *
   * @throws IllegalStateException when the stored state contradicts itself
   */
  Fleet build(StoredState state) {
    Instant now = clock.instant();
    Map<SecretRef, StoredSecret> secrets = byRef(state.secrets());
    // On record before the first of them is opened.
    SecretOpener.Session session =
        opener.announce(ACTOR, PURPOSE, KeyChoice.needed(state, secrets, now));
    return build(state, now, session::open);
  }

  private static Map<SecretRef, StoredSecret> byRef(List<StoredSecret> secrets) {
    Map<SecretRef, StoredSecret> byRef = new HashMap<>();
    secrets.forEach(it -> byRef.put(it.ref(), it));
    return byRef;
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
        clock.instant(),
        (ref, version) -> {
          SecretSpec spec = Objects.requireNonNull(values.get(ref));
          return SecretBytes.takeOver(spec.value().orElseThrow().copy(SecretAccess.granted()));
        });
  }

  /** Of any version: the store has yet to give one. */
  private static StoredSecret unsealed(SecretSpec secret) {
    List<StoredVersion> versions =
        secret.value().isPresent()
            ? List.of(new StoredVersion(1, Instant.EPOCH, Optional.empty(), Optional.empty()))
            : List.of();
    return new StoredSecret(secret.ref(), secret.type(), secret.certificatePem(), versions);
  }

  Fleet build(StoredState state, Instant now, Opening opening) {
    List<SecretBytes> opened = new ArrayList<>();
    try (DerivedKeys derived = new DerivedKeys(state.keys(), now, opening)) {
      return build(state, now, opening, derived, opened);
    } catch (RuntimeException e) {
      // There is no fleet that would close them.
      opened.forEach(SecretBytes::close);
      throw e;
    }
  }

  private Fleet build(
      StoredState state,
      Instant now,
      Opening opening,
      DerivedKeys derived,
      List<SecretBytes> opened) {
    Map<SecretRef, StoredSecret> secrets = byRef(state.secrets());
    Lookup lookup = new Lookup(secrets, derived, now, opening, opened);

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
      egress.addAll(EgressNodes.of(cluster, endpoints, state.destinations(), trustDomain));
      if (!cluster.ingress().isEmpty()) {
        Fleet.Processor processor = processor(endpoints, lookup);
        for (ClusterSpec.Ingress node : cluster.ingress()) {
          processors.put(new NodeId(cluster.name(), NodeRole.EXTPROC, node.name()), processor);
        }
      }
    }
    return new Fleet(
        ingress,
        certificates,
        egress,
        bundles(state),
        processors,
        KeyChoice.places(state, secrets, now));
  }

  private List<IngressNode> ingressNodes(
      ClusterSpec cluster, List<EndpointSpec> endpoints, String certificate) {
    List<IngressNode.EgressPeer> peers =
        cluster.egress().stream()
            .map(it ->
                new IngressNode.EgressPeer(
                    it.listen(), EgressNodes.spiffeId(trustDomain, cluster, it.name())))
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

  private Fleet.Processor processor(List<EndpointSpec> endpoints, Lookup lookup) {
    List<EndpointPolicy> policies = new ArrayList<>();
    List<EndpointKeys> keys = new ArrayList<>();
    for (EndpointSpec endpoint : endpoints) {
      policies.add(endpoint.policy());
      List<VerificationKey> opened = new ArrayList<>();
      for (Chosen chosen : KeyChoice.keys(endpoint, lookup.secrets(), lookup.now())) {
        StoredVersion version = chosen.version();
        // The version is part of the id, so that a log tells which value of a secret matched.
        lookup
            .tryOpen(chosen)
            .ifPresent(value ->
                opened.add(
                    new VerificationKey(
                        chosen.ref().name() + "." + version.number(),
                        KeyWindow.start(version.notBefore()),
                        version.notAfter(),
                        value)));
      }
      for (VerificationKey key : lookup.derived().of(endpoint)) {
        lookup.opened().add(key.secret());
        opened.add(key);
      }
      Optional<SecretBytes> verifyToken =
          endpoint
              .verifyToken()
              .flatMap(name ->
                  KeyChoice.newest(
                      new SecretRef(endpoint.tenant(), name), lookup.secrets(), lookup.now()))
              .flatMap(lookup::tryOpen);
      keys.add(new EndpointKeys(endpoint.policy().ref(), opened, verifyToken));
    }
    return new Fleet.Processor(policies, keys);
  }

  private TlsIdentity identity(SecretRef ref, Lookup lookup) {
    StoredSecret stored = lookup.secrets().get(ref);
    Optional<Chosen> newest = KeyChoice.newest(ref, lookup.secrets(), lookup.now());
    if (stored == null || newest.isEmpty()) {
      throw new IllegalStateException("secret: " + ref + " (expected: a certificate in force)");
    }
    return new TlsIdentity(
        secretName(ref), stored.certificatePem().orElseThrow(), lookup.open(newest.get()));
  }

  private static List<TrustBundle> bundles(StoredState state) {
    return state.secrets().stream()
        .filter(it -> it.type() == SecretType.CA)
        .map(it -> new TrustBundle(secretName(it.ref()), it.certificatePem().orElseThrow()))
        .toList();
  }

  static String secretName(SecretRef ref) {
    return ResourceNames.secret(ref.tenant(), ref.name());
  }
}
