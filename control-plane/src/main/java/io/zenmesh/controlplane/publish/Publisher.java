package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SecretOpener;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.publish.SecretContents.Place;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.server.AcceptedResource;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the stored state to the nodes. Thread-safe: publications run one after the other.
 *
 * <p>A state that the check finds fault with is not published, no part of it.
 */
public final class Publisher {
  /** How long one step waits for nodes before the next goes on without them. */
  static final Duration PATIENCE = Duration.ofSeconds(5);

  private static final Logger LOG = LoggerFactory.getLogger(Publisher.class);

  private final StateReader state;
  private final FleetBuilder builder;
  private final SnapshotFactory factory;
  private final SnapshotCheck check;
  private final NodeServer server;
  private final Map<NodeId, NodeSnapshot> published = new ConcurrentHashMap<>();
  private final SecretContents contents = new SecretContents();
  private List<IngressNode> publishedIngress = List.of();
  private List<EgressNode> publishedEgress = List.of();
  private List<TrustBundle> publishedBundles = List.of();

  /** Whose secrets are opened, by which schemes routes are made, and in which trust domain. */
  public record Sources(
      StateReader state,
      SecretOpener secrets,
      Catalogue catalogue,
      String trustDomain,
      InstantSource clock) {}

  public Publisher(
      Sources sources, SnapshotFactory factory, SnapshotCheck check, NodeServer server) {
    this.state = sources.state();
    this.builder =
        new FleetBuilder(
            sources.secrets(), sources.catalogue(), sources.trustDomain(), sources.clock());
    this.factory = factory;
    this.check = check;
    this.server = server;
  }

  /**
   * What would keep this mesh from being published, to be asked before it is stored; empty when
   * nothing would.
   */
  public synchronized List<String> findings(Mesh mesh) {
    try (Fleet fleet = builder.build(mesh)) {
      FleetSnapshots next = render(fleet);
      return findings(next, PublishPlan.between(published, next));
    }
  }

  /** The same of a state whose secrets are sealed already. */
  public synchronized List<String> findings(StoredState next) {
    try (Fleet fleet = builder.build(next)) {
      FleetSnapshots rendered = render(fleet);
      return findings(rendered, PublishPlan.between(published, rendered));
    }
  }

  /** Publishes the stored state; returns when every step is done or its patience is over. */
  public synchronized Publication publish() {
    try {
      return attempt();
    } catch (RuntimeException e) {
      return new Publication.Failed(String.valueOf(e.getMessage()));
    }
  }

  private Publication attempt() {
    try (Fleet fleet = builder.build(state.read())) {
      FleetSnapshots next = render(fleet);
      List<PublishPlan.Step> plan = PublishPlan.between(published, next);
      List<String> findings = findings(next, plan);
      if (!findings.isEmpty()) {
        return new Publication.Refused(findings);
      }
      note(next, fleet);
      List<String> behind = new ArrayList<>();
      TreeSet<NodeId> touched = new TreeSet<>();
      for (PublishPlan.Step step : plan) {
        switch (step) {
          case PublishPlan.Step.Publish(SortedMap<NodeId, NodeSnapshot> snapshots) -> {
            // One by one: should the server fail, the next plan begins where this one broke off.
            snapshots.forEach((node, snapshot) -> {
              server.publish(node, snapshot);
              published.put(node, snapshot);
            });
            touched.addAll(snapshots.keySet());
          }
          case PublishPlan.Step.Await await -> behind.addAll(await(await));
        }
      }
      // Only now that every node of the mesh has its own: what is left is no part of it any more.
      server.publishDefault(NodeSnapshot.empty());
      publishedIngress = fleet.ingress();
      publishedEgress = fleet.egress();
      publishedBundles = fleet.bundles();
      LOG.info("published to {} nodes, {} behind", touched.size(), behind.size());
      return new Publication.Published(touched.size(), behind);
    }
  }

  private void note(FleetSnapshots next, Fleet fleet) {
    next.processors().values().forEach(it -> contents.note(it, fleet.secrets()));
    next.ingress().values().forEach(it -> contents.note(it, fleet.secrets()));
  }

  /** How far each node has followed one secret; nodes that never get it are left out. */
  public List<NodeSecret> followers(SecretRef ref) {
    List<NodeSecret> followers = new ArrayList<>();
    published.forEach((node, snapshot) -> {
      for (ResourceType type : SecretContents.types()) {
        Map<String, AcceptedResource> accepted = server.accepted(node, type);
        for (Resource resource : snapshot.resources(type).values()) {
          Place place = new Place(type, resource.name());
          Optional<SortedSet<Long>> wanted = contents.versions(place, resource.version(), ref);
          if (wanted.isPresent()) {
            Optional<AcceptedResource> held = Optional.ofNullable(accepted.get(resource.name()));
            SortedSet<Long> versions =
                held.flatMap(it -> contents.versions(place, it.version(), ref))
                    .orElseGet(TreeSet::new);
            followers.add(
                new NodeSecret(
                    node,
                    resource.name(),
                    List.copyOf(wanted.get()),
                    List.copyOf(versions),
                    held.flatMap(AcceptedResource::at),
                    held.map(it -> it.version().equals(resource.version())).orElse(false)));
          }
        }
      }
    });
    followers.sort(Comparator.comparing(NodeSecret::node).thenComparing(NodeSecret::resource));
    return followers;
  }

  private List<String> await(PublishPlan.Step.Await step) {
    Map<NodeId, CompletableFuture<Boolean>> answers = new LinkedHashMap<>();
    step.nodes().forEach(node -> answers.put(node, server.whenAcked(node, step.types(), PATIENCE)));
    List<String> behind = new ArrayList<>();
    answers.forEach((node, answer) -> {
      if (!answer.exceptionally(failure -> false).join()) {
        // Order is availability, not safety: the others do not wait for one that cannot follow.
        LOG.warn("node {} did not accept {}; going on without it", node, step.types());
        behind.add(node.toString());
      }
    });
    return behind;
  }

  private FleetSnapshots render(Fleet fleet) {
    SortedMap<NodeId, NodeSnapshot> ingress = new TreeMap<>();
    fleet
        .ingress()
        .forEach(node ->
            ingress.put(
                node.node(), factory.ingress(node, fleet.certificate(node), fleet.bundles())));
    SortedMap<NodeId, NodeSnapshot> processors = new TreeMap<>();
    // The processors of one cluster enforce the same: rendered once.
    Map<Fleet.Processor, NodeSnapshot> rendered = new IdentityHashMap<>();
    fleet
        .processors()
        .forEach((node, it) ->
            processors.put(
                node,
                rendered.computeIfAbsent(
                    it, each -> factory.processor(each.policies(), each.keys()))));
    SortedMap<NodeId, NodeSnapshot> egress = new TreeMap<>();
    SortedMap<NodeId, NodeSnapshot> bridge = new TreeMap<>();
    Map<String, TrustBundle> bundles = new TreeMap<>();
    publishedBundles.forEach(it -> bundles.put(it.name(), it));
    fleet.bundles().forEach(it -> bundles.put(it.name(), it));
    for (EgressNode node : fleet.egress()) {
      egress.put(node.node(), factory.egress(node, fleet.bundles()));
      bridge.put(node.node(), factory.egress(bridge(node), bundles.values()));
    }
    return new FleetSnapshots(processors, ingress, egress, bridge, routesFirst(fleet));
  }

  /**
   * The endpoints whose routes are to show the response, or to admit dry runs, and do not yet: a
   * processor that was first would wait for outcomes it never sees, or be refused by the gate.
   */
  private Set<String> routesFirst(Fleet fleet) {
    Set<String> first = appearing(fleet, IngressRoute::outcomeNeeded);
    first.addAll(appearing(fleet, route -> !route.enforce()));
    return first;
  }

  private Set<String> appearing(Fleet fleet, Predicate<IngressRoute> property) {
    Set<String> appearing = endpoints(fleet.ingress(), property);
    appearing.retainAll(endpoints(publishedIngress, property.negate()));
    return appearing;
  }

  private static Set<String> endpoints(List<IngressNode> nodes, Predicate<IngressRoute> property) {
    return nodes.stream()
        .flatMap(node -> node.routes().stream())
        .filter(property)
        .map(route -> route.endpoint().routeName())
        .collect(Collectors.toCollection(TreeSet::new));
  }

  /** The node with the routes it has now and is to lose; their destinations as they are to be. */
  private EgressNode bridge(EgressNode next) {
    Map<EndpointRef, Destination> routes = new TreeMap<>();
    Map<String, Destination> destinations = new HashMap<>();
    next.routes().values().forEach(it -> destinations.put(it.tenant() + "/" + it.name(), it));
    publishedEgress.stream()
        .filter(it -> it.node().equals(next.node()))
        .flatMap(it -> it.routes().entrySet().stream())
        .forEach(it -> {
          Destination was = it.getValue();
          String key = was.tenant() + "/" + was.name();
          routes.put(it.getKey(), destinations.getOrDefault(key, was));
        });
    routes.putAll(next.routes());
    Set<EndpointRef> dryRun = new HashSet<>(next.dryRun());
    publishedEgress.stream()
        .filter(it -> it.node().equals(next.node()))
        .forEach(it -> dryRun.addAll(it.dryRun()));
    return new EgressNode(next.node(), next.listen(), next.ingressSpiffeIds(), routes, dryRun);
  }

  private List<String> findings(FleetSnapshots next, List<PublishPlan.Step> plan) {
    List<String> findings = new ArrayList<>();
    next.ingress()
        .forEach((node, snapshot) -> {
          NodeId beside = new NodeId(node.cluster(), NodeRole.EXTPROC, node.name());
          NodeSnapshot processor = next.processors().getOrDefault(beside, NodeSnapshot.empty());
          note(findings, node, check.findings(snapshot, processor));
        });
    next.egress().forEach((node, snapshot) -> note(findings, node, check.findings(snapshot)));
    next.egressBridge().forEach((node, snapshot) -> note(findings, node, check.findings(snapshot)));
    for (PublishPlan.Step step : plan) {
      if (step instanceof PublishPlan.Step.Publish(SortedMap<NodeId, NodeSnapshot> snapshots)) {
        snapshots.forEach((node, it) -> note(findings, node, check.overLimits(it)));
      }
    }
    return findings.stream().distinct().toList();
  }

  private static void note(List<String> findings, NodeId node, List<String> found) {
    found.forEach(finding -> findings.add(node + ": " + finding));
  }
}
