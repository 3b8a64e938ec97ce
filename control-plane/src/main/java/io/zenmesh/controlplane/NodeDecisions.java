package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditEvent.Outcome;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.server.XdsEvents;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts on record whom the xDS server lets in and turns away, and what nodes refuse. Thread-safe.
 *
 * <p>Behind the decision, not before it: nodes must come back when the store is away. What cannot
 * be recorded is tried again; beyond {@link #MAX_WAITING} events are dropped, counted, and the
 * count is recorded when the store is back.
 */
final class NodeDecisions implements XdsEvents, AutoCloseable {
  /** The most events that wait. */
  static final int MAX_WAITING = 4_096;

  private static final Logger LOG = LoggerFactory.getLogger(NodeDecisions.class);
  private static final int AT_ONCE = 512;
  private static final long PAUSE_MILLIS = 1_000;
  private static final long POLL_MILLIS = 200;
  private static final long END_MILLIS = 3_000;
  private static final String SERVER = "xds/control-plane";

  private final AuditTrail trail;
  private final BlockingQueue<AuditEvent> waiting = new ArrayBlockingQueue<>(MAX_WAITING);
  private final AtomicLong dropped = new AtomicLong();
  private final Thread writer;
  private final CountDownLatch closing = new CountDownLatch(1);

  NodeDecisions(AuditTrail trail) {
    this.trail = trail;
    this.writer = Thread.ofPlatform().name("node-decisions").daemon().start(this::write);
  }

  @Override
  public void refused(String caller, String reason) {
    add(Actor.Kind.UNKNOWN, caller, "node.connect", SERVER, Outcome.DENIED, reason);
  }

  @Override
  public void connected(NodeId node) {
    add(Actor.Kind.NODE, node.spiffePath(), "node.connect", SERVER, Outcome.ALLOWED, "");
  }

  @Override
  public void disconnected(NodeId node) {
    add(Actor.Kind.NODE, node.spiffePath(), "node.disconnect", SERVER, Outcome.DONE, "");
  }

  @Override
  public void rejected(NodeId node, ResourceType type, String detail) {
    add(Actor.Kind.NODE, node.spiffePath(), "node.reject", "xds/" + type, Outcome.FAILED, detail);
  }

  @Override
  public void foreignReceipts(NodeId node, String what) {
    add(
        Actor.Kind.NODE,
        node.spiffePath(),
        "node.receipts",
        SERVER,
        Outcome.DENIED,
        "tenant_not_served: " + what);
  }

  private void add(
      Actor.Kind kind, String who, String action, String object, Outcome outcome, String reason) {
    AuditEvent event =
        new AuditEvent(
            AuditEvent.SYSTEM,
            new Actor(kind, cut(who, Actor.MAX_ID)),
            action,
            object,
            outcome,
            cut(reason, AuditEvent.MAX_TEXT),
            "");
    if (!waiting.offer(event)) {
      dropped.incrementAndGet();
    }
  }

  private static String cut(String text, int most) {
    return text.length() > most ? text.substring(0, most) : text;
  }

  private void write() {
    List<AuditEvent> batch = new ArrayList<>();
    while (!closing() || !waiting.isEmpty() || !batch.isEmpty()) {
      try {
        if (batch.isEmpty()) {
          AuditEvent first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
          if (first == null) {
            continue;
          }
          batch.add(first);
          waiting.drainTo(batch, AT_ONCE - 1);
          noteDropped(batch);
        }
        trail.record(batch);
        batch.clear();
      } catch (AuditUnavailableException e) {
        LOG.error("audit: {} decisions about nodes wait: {}", batch.size(), e.getMessage());
        if (closing() || pausedToTheEnd()) {
          return;
        }
      } catch (InterruptedException e) {
        return;
      }
    }
  }

  private void noteDropped(List<AuditEvent> batch) {
    long count = dropped.getAndSet(0);
    if (count > 0) {
      batch.add(
          new AuditEvent(
              AuditEvent.SYSTEM,
              AuditDesk.ACTOR,
              "audit.dropped",
              SERVER,
              Outcome.FAILED,
              count + "_decisions",
              ""));
    }
  }

  private boolean closing() {
    return closing.getCount() == 0;
  }

  /** Waits before another try; a close cuts it short, and allows the last one. */
  private boolean pausedToTheEnd() {
    try {
      var unused = closing.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
      return false;
    } catch (InterruptedException e) {
      return true;
    }
  }

  /** Writes what waits, for a short while. */
  @Override
  public void close() {
    closing.countDown();
    try {
      writer.join(END_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.interrupt();
  }
}
