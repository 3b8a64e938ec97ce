package io.zenmesh.xds.lint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate;
import io.zenmesh.xds.lint.Shape.Difference;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.resource.ResourceNames;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.PolicyCodec;
import io.zenmesh.xds.wire.v1.EndpointKeys;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * Decides whether a snapshot may be published.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A snapshot without findings has TLS on every listener and every TCP cluster, the external
 * processor and the proof gate in front of every ingress route, in that order and in no weaker
 * configuration than the references, and pinned identities on both ends of each hop. This is an
 * allow list: whatever the linter does not know is a finding. Stateless and thread-safe.
 */
public final class SnapshotLinter {
  private SnapshotLinter() {}

  /** Every reason not to publish; empty when there is none. */
  public static List<Finding> lint(NodeSnapshot snapshot) {
    List<Finding> findings = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      for (Resource resource : snapshot.resources(type).values()) {
        String where = type + " " + resource.name();
        for (Difference difference : differences(resource, snapshot)) {
          findings.add(new Finding(where, difference.path(), difference.problem()));
        }
      }
    }
    references(snapshot, findings);
    return List.copyOf(findings);
  }

  /**
   * Lints an ingress Envoy's snapshot together with that of the processor beside it: each route
   * needs a policy, for the processor refuses what it does not know.
   */
  public static List<Finding> lint(NodeSnapshot ingress, NodeSnapshot processor) {
    return lint(ingress, processor, policy -> false);
  }

  /**
   * The same, and the routes must show the processor the response where a replay claim hangs on it:
   * without, no claim is ever committed or released. A route may be in dry run only where its
   * policy says so.
   *
   * @param needsOutcome whether an endpoint that enforces this policy needs the response
   */
  public static List<Finding> lint(
      NodeSnapshot ingress,
      NodeSnapshot processor,
      Predicate<io.zenmesh.xds.model.EndpointPolicy> needsOutcome) {
    List<Finding> findings = new ArrayList<>(lint(ingress));
    findings.addAll(lint(processor));
    findings.addAll(RoutesAndPolicies.lint(ingress, processor, needsOutcome));
    return List.copyOf(findings);
  }

  /** What is wrong with one resource of a snapshot, taken by itself. */
  static List<Difference> differences(Resource resource, NodeSnapshot snapshot) {
    Set<String> secrets = snapshot.resources(ResourceType.SECRET).keySet();
    Set<String> clusters = snapshot.resources(ResourceType.CLUSTER).keySet();
    try {
      return switch (resource.type()) {
        case LISTENER -> {
          Listener listener = unpack(resource, Listener.class);
          Set<String> bundles = bundles(snapshot);
          Set<String> certificates = new HashSet<>(secrets);
          certificates.removeAll(bundles);
          ListenerLint.Known known =
              new ListenerLint.Known(certificates, bundles, tenants(snapshot));
          yield named(resource, listener.getName(), ListenerLint.lint(listener, known));
        }
        case ROUTE -> {
          RouteConfiguration routes = unpack(resource, RouteConfiguration.class);
          yield named(
              resource,
              routes.getName(),
              RouteLint.lint(
                  routes,
                  clusters,
                  Doors.routesByAuthorization(snapshot).contains(routes.getName())));
        }
        case CLUSTER -> {
          Cluster cluster = unpack(resource, Cluster.class);
          yield named(resource, cluster.getName(), ClusterLint.lint(cluster, secrets));
        }
        case SECRET -> {
          Secret secret = unpack(resource, Secret.class);
          yield named(resource, secret.getName(), secret(secret));
        }
        case POLICY -> policy(resource);
        case KEYS -> keys(resource, snapshot);
        case ENDPOINT -> List.of(new Difference("", "unknown type (expected: none of it)"));
      };
    } catch (InvalidProtocolBufferException e) {
      return List.of(new Difference("", "malformed (expected: " + resource.type().url() + ")"));
    }
  }

  private static Set<String> bundles(NodeSnapshot snapshot) throws InvalidProtocolBufferException {
    Set<String> names = new HashSet<>();
    for (Resource resource : snapshot.resources(ResourceType.SECRET).values()) {
      if (unpack(resource, Secret.class).hasValidationContext()) {
        names.add(resource.name());
      }
    }
    return names;
  }

  /** Whose endpoints each route configuration leads to. */
  private static Map<String, Set<Name>> tenants(NodeSnapshot snapshot) {
    Map<String, Set<Name>> tenants = new HashMap<>();
    for (Resource resource : snapshot.resources(ResourceType.ROUTE).values()) {
      try {
        tenants.put(resource.name(), RouteLint.tenants(unpack(resource, RouteConfiguration.class)));
      } catch (InvalidProtocolBufferException e) {
        continue; // said elsewhere
      }
    }
    return tenants;
  }

  private static <T extends Message> T unpack(Resource resource, Class<T> type)
      throws InvalidProtocolBufferException {
    return resource.body().unpack(type);
  }

  private static List<Difference> named(
      Resource resource, String name, List<Difference> differences) {
    if (name.equals(resource.name())) {
      return differences;
    }
    List<Difference> all = new ArrayList<>(differences);
    all.add(new Difference("name", "not the resource's (expected: " + resource.name() + ")"));
    return all;
  }

  /** Only whether something is there; never what. */
  private static List<Difference> secret(Secret secret) {
    Secret allowed =
        switch (secret.getTypeCase()) {
          case TLS_CERTIFICATE ->
              Secret.newBuilder()
                  .setName(secret.getName())
                  .setTlsCertificate(
                      TlsCertificate.newBuilder()
                          .setCertificateChain(secret.getTlsCertificate().getCertificateChain())
                          .setPrivateKey(secret.getTlsCertificate().getPrivateKey()))
                  .build();
          case VALIDATION_CONTEXT ->
              Secret.newBuilder()
                  .setName(secret.getName())
                  .setValidationContext(
                      CertificateValidationContext.newBuilder()
                          .setTrustedCa(secret.getValidationContext().getTrustedCa()))
                  .build();
          case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET -> Secret.getDefaultInstance();
        };
    boolean filled =
        !secret.getTlsCertificate().getPrivateKey().getInlineBytes().isEmpty()
            || !secret.getValidationContext().getTrustedCa().getInlineBytes().isEmpty();
    return allowed.equals(secret) && filled
        ? List.of()
        : List.of(new Difference("", "not allowed (expected: a key pair or roots, inline)"));
  }

  private static List<Difference> policy(Resource resource) throws InvalidProtocolBufferException {
    try {
      String name = PolicyCodec.decode(unpack(resource, EndpointPolicy.class)).ref().routeName();
      return named(resource, name, List.of());
    } catch (IllegalArgumentException e) {
      return List.of(new Difference("", String.valueOf(e.getMessage())));
    }
  }

  private static List<Difference> keys(Resource resource, NodeSnapshot snapshot)
      throws InvalidProtocolBufferException {
    try {
      EndpointRef ref = PolicyCodec.decode(unpack(resource, EndpointKeys.class)).ref();
      return snapshot.resources(ResourceType.POLICY).containsKey(resource.name())
          ? named(resource, ref.routeName(), List.of())
          : List.of(new Difference("", "no policy of this name (expected: one for its keys)"));
    } catch (IllegalArgumentException e) {
      return List.of(new Difference("", String.valueOf(e.getMessage())));
    }
  }

  /** What a listener names must be there, and a node is either ingress or egress or processor. */
  private static void references(NodeSnapshot snapshot, List<Finding> findings) {
    Set<String> listeners = snapshot.resources(ResourceType.LISTENER).keySet();
    Set<String> named = new TreeSet<>(chains(snapshot));
    for (String routes : named) {
      if (!snapshot.resources(ResourceType.ROUTE).containsKey(routes)) {
        findings.add(
            new Finding("LISTENER " + routes, "", "no routes (expected: some of its name)"));
      }
    }
    for (String routes : snapshot.resources(ResourceType.ROUTE).keySet()) {
      if (ResourceNames.hostOf(routes).isPresent() && !named.contains(routes)) {
        findings.add(
            new Finding("ROUTE " + routes, "", "no filter chain (expected: one of its name)"));
      }
    }
    ClientLint.hostsTwice(snapshot)
        .forEach(host ->
            findings.add(new Finding("snapshot", "", "host " + host + " twice (expected: once)")));
    if (listeners.contains(ResourceNames.INGRESS)
        && !snapshot.resources(ResourceType.CLUSTER).containsKey(ResourceNames.EXTPROC_CLUSTER)) {
      findings.add(
          new Finding(
              "LISTENER ingress", "", "no cluster zen_extproc (expected: in the snapshot)"));
    }
    Set<String> kinds = new HashSet<>(listeners);
    snapshot
        .resources(ResourceType.ROUTE)
        .keySet()
        .forEach(name ->
            kinds.add(ResourceNames.hostOf(name).isPresent() ? ResourceNames.INGRESS : name));
    if (!snapshot.resources(ResourceType.POLICY).isEmpty()) {
      kinds.add("processor");
    }
    if (kinds.size() > 1) {
      findings.add(
          new Finding("snapshot", "", "several kinds of node " + kinds + " (expected: one)"));
    }
  }

  /** The names of all filter chains, which are those of their routes. */
  private static Set<String> chains(NodeSnapshot snapshot) {
    Set<String> names = new HashSet<>(snapshot.resources(ResourceType.LISTENER).keySet());
    for (Resource resource : snapshot.resources(ResourceType.LISTENER).values()) {
      try {
        unpack(resource, Listener.class)
            .getFilterChainsList()
            .forEach(chain -> names.add(chain.getName()));
      } catch (InvalidProtocolBufferException e) {
        continue; // said elsewhere
      }
    }
    return names;
  }
}
