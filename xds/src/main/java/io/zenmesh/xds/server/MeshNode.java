package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;

/**
 * One node with its streams, behind one lock: whatever happens to any of its streams happens one at
 * a time, so a stream's observer is never called from two threads.
 */
final class MeshNode {
  private final NodeId id;
  private final Clock clock;
  private final NodeLedger ledger = new NodeLedger();
  private final ReentrantLock lock = new ReentrantLock();
  private boolean byDefault;
  private final List<AdsStream> streams = new ArrayList<>();
  private final List<Waiter> waiters = new ArrayList<>();

  private record Waiter(Set<ResourceType> types, CompletableFuture<Boolean> done) {}

  MeshNode(NodeId id, Clock clock) {
    this.id = id;
    this.clock = clock;
  }

  NodeId id() {
    return id;
  }

  /** Stores the snapshot; {@link #wake} sends it. */
  void publish(NodeSnapshot snapshot) {
    locked(() -> {
      ledger.publish(snapshot);
      byDefault = false;
      return Optional.empty();
    });
  }

  /** Stores a snapshot unless one of its own was published. */
  void publishDefault(NodeSnapshot snapshot) {
    locked(() -> {
      if (byDefault || !ledger.published()) {
        ledger.publish(snapshot);
        byDefault = true;
      }
      return Optional.empty();
    });
  }

  /** Lets every stream send what it can. */
  void wake() {
    locked(() -> {
      List.copyOf(streams).forEach(AdsStream::drain);
      return Optional.empty();
    });
  }

  /** Forgets what was published and returns the streams that were open, for the caller to end. */
  List<AdsStream> retire() {
    return locked(() -> {
      ledger.retire();
      byDefault = false;
      return List.copyOf(streams);
    });
  }

  /** The streams that are open. */
  List<AdsStream> streams() {
    return locked(() -> List.copyOf(streams));
  }

  /**
   * Adds a stream.
   *
   * @return the oldest stream when there are now too many, for the caller to end
   */
  Optional<AdsStream> attach(AdsStream stream) {
    return locked(() -> {
      streams.add(stream);
      return streams.size() > XdsServer.MAX_STREAMS_PER_NODE
          ? Optional.of(streams.getFirst())
          : Optional.empty();
    });
  }

  void detach(AdsStream stream) {
    locked(() -> streams.remove(stream));
  }

  /** The session of a stream of this node that has said who it is. */
  NodeSession newSession(String noncePrefix) {
    return new NodeSession(id, ledger, noncePrefix);
  }

  /**
   * Whether nothing of its own is published to it and it has no stream: the server may forget it.
   */
  boolean idle() {
    return locked(() -> streams.isEmpty() && (byDefault || !ledger.published()));
  }

  /** What is published to it; empty before anything is. */
  Optional<NodeSnapshot> snapshot() {
    return locked(() -> ledger.published() ? Optional.of(ledger.snapshot()) : Optional.empty());
  }

  Map<String, AcceptedResource> accepted(ResourceType type) {
    return locked(() -> ledger.accepted(type));
  }

  NodeStatus status() {
    return locked(() -> {
      Optional<AdsStream> newest = newest();
      Set<ResourceType> types = EnumSet.noneOf(ResourceType.class);
      for (ResourceType type : ResourceType.values()) {
        if (newest.flatMap(stream -> stream.state(type)).isPresent()
            || !ledger.desired(type).isEmpty()) {
          types.add(type);
        }
      }
      return new NodeStatus(
          id,
          newest.isPresent(),
          newest.map(AdsStream::since),
          types.stream().map(type -> status(type, newest)).toList());
    });
  }

  private TypeStatus status(ResourceType type, Optional<AdsStream> newest) {
    TypeStatus.State state =
        newest
            .map(stream -> stream.state(type).orElse(TypeStatus.State.PENDING))
            .orElseGet(() -> ledger.stateWhileAway(type));
    return new TypeStatus(
        type,
        ledger.desired(type).size(),
        ledger.snapshot().version(type),
        state,
        state == TypeStatus.State.NACKED ? ledger.lastRefusal(type) : Optional.empty(),
        ledger.lastEvent(type));
  }

  /** The stream opened last of those that have said who they are. */
  private Optional<AdsStream> newest() {
    return streams.reversed().stream().filter(AdsStream::introduced).findFirst();
  }

  CompletableFuture<Boolean> whenAcked(Set<ResourceType> types, Duration timeout) {
    CompletableFuture<Boolean> done = new CompletableFuture<>();
    locked(() -> waiters.add(new Waiter(Set.copyOf(types), done)));
    return done.completeOnTimeout(false, timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private Optional<Boolean> verdict(Set<ResourceType> types) {
    Optional<AdsStream> newest = newest();
    if (newest.isEmpty() || !ledger.published()) {
      return Optional.of(true);
    }
    boolean settled = true;
    for (ResourceType type : types) {
      Optional<TypeStatus.State> state = newest.get().state(type);
      if (state.equals(Optional.of(TypeStatus.State.NACKED))) {
        return Optional.of(false);
      }
      settled &= state.isEmpty() || state.get() == TypeStatus.State.ACKED;
    }
    return settled ? Optional.of(true) : Optional.empty();
  }

  Clock clock() {
    return clock;
  }

  /** Runs one step with the node to itself, then settles the waits that are over. */
  <T> T locked(Supplier<T> step) {
    lock.lock();
    try {
      T result = step.get();
      settleWaits();
      return result;
    } finally {
      lock.unlock();
    }
  }

  private void settleWaits() {
    waiters.removeIf(waiter -> {
      Optional<Boolean> verdict = verdict(waiter.types());
      // Whoever waits may publish at once, so it must not be told under a lock of ours.
      verdict.ifPresent(value -> Thread.startVirtualThread(() -> waiter.done().complete(value)));
      return verdict.isPresent() || waiter.done().isDone();
    });
  }
}
