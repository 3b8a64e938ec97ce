package io.zenmesh.xds.server;

import io.grpc.Status;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * Every node that is published to or connected. Thread-safe; locks are taken map entry first, node
 * second, never the other way round.
 */
final class NodeRegistry implements AutoCloseable {
  private final ConcurrentHashMap<NodeId, MeshNode> nodes = new ConcurrentHashMap<>();
  private final Clock clock;
  private final Duration orderWait;
  private final XdsEvents events;
  private final ScheduledThreadPoolExecutor timers;
  private volatile Optional<NodeSnapshot> others = Optional.empty();

  NodeRegistry(Clock clock, Duration orderWait, XdsEvents events) {
    this.clock = clock;
    this.orderWait = orderWait;
    this.events = events;
    timers =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("xds-server-timer").factory());
    timers.setRemoveOnCancelPolicy(true);
  }

  /** Hears what is decided about nodes. */
  XdsEvents events() {
    return events;
  }

  void publish(NodeId id, NodeSnapshot snapshot) {
    nodes
        .compute(
            id,
            (key, known) -> {
              MeshNode node = known == null ? new MeshNode(id, clock) : known;
              node.publish(snapshot);
              return node;
            })
        .wake();
  }

  void publishDefault(NodeSnapshot snapshot) {
    others = Optional.of(snapshot); // first, so that a node that attaches from now on has it
    nodes
        .values()
        .forEach(node -> {
          node.publishDefault(snapshot);
          node.wake();
        });
  }

  void retire(NodeId id) {
    MeshNode node = nodes.get(id);
    if (node == null) {
      return;
    }
    Status gone = Status.UNAVAILABLE.withDescription("node: retired");
    node.retire().forEach(stream -> stream.end(gone));
    forgetIfIdle(id);
  }

  List<NodeStatus> status() {
    return nodes.values().stream()
        .map(MeshNode::status)
        .sorted((a, b) -> a.node().compareTo(b.node()))
        .toList();
  }

  Map<String, AcceptedResource> accepted(NodeId id, ResourceType type) {
    MeshNode node = nodes.get(id);
    return node == null ? Map.of() : node.accepted(type);
  }

  /** The tenants whose endpoints a node serves; empty when nothing is published for it yet. */
  Optional<Set<Name>> tenants(NodeId id) {
    MeshNode node = nodes.get(id);
    return node == null
        ? others.map(NodeRegistry::tenants)
        : node.snapshot().map(NodeRegistry::tenants);
  }

  private static Set<Name> tenants(NodeSnapshot snapshot) {
    return snapshot.resources(ResourceType.POLICY).keySet().stream()
        .map(name -> EndpointRef.parse(name).tenant())
        .collect(Collectors.toUnmodifiableSet());
  }

  CompletableFuture<Boolean> whenAcked(NodeId id, Set<ResourceType> types, Duration timeout) {
    MeshNode node = nodes.get(id);
    return node == null ? CompletableFuture.completedFuture(true) : node.whenAcked(types, timeout);
  }

  AdsStream attach(NodeId id, Function<MeshNode, AdsStream> open) {
    AtomicReference<Optional<AdsStream>> tooOld = new AtomicReference<>(Optional.empty());
    AtomicReference<Optional<AdsStream>> opened = new AtomicReference<>(Optional.empty());
    nodes.compute(
        id,
        (key, known) -> {
          MeshNode node = known == null ? new MeshNode(id, clock) : known;
          others.ifPresent(node::publishDefault);
          AdsStream stream = open.apply(node);
          opened.set(Optional.of(stream));
          tooOld.set(node.attach(stream));
          return node;
        });
    Status replaced = Status.UNAVAILABLE.withDescription("stream: replaced by a newer one");
    tooOld.get().ifPresent(stream -> stream.end(replaced));
    return opened.get().orElseThrow();
  }

  void detach(NodeId id, AdsStream stream) {
    MeshNode node = nodes.get(id);
    if (node != null) {
      node.detach(stream);
      forgetIfIdle(id);
    }
  }

  private void forgetIfIdle(NodeId id) {
    nodes.computeIfPresent(id, (key, node) -> node.idle() ? null : node);
  }

  void endAll(Status status) {
    nodes.values().forEach(node -> node.streams().forEach(stream -> stream.end(status)));
  }

  /** Runs {@code step} when others have waited long enough for an answer. */
  Future<?> afterOrderWait(Runnable step) {
    return later(orderWait, step);
  }

  Future<?> at(Instant when, Runnable step) {
    return later(Duration.between(clock.instant(), when), step);
  }

  private Future<?> later(Duration delay, Runnable step) {
    return timers.isShutdown()
        ? CompletableFuture.completedFuture(true)
        : timers.schedule(step, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
