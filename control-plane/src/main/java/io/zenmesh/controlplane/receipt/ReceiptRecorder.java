package io.zenmesh.controlplane.receipt;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.controlplane.audit.NumberedTrail.Numbered;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.server.ReceiptIntake;
import io.zenmesh.xds.server.ReceiptsUnavailableException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * Puts receipts of processors on the records of their tenants. Thread-safe.
 *
 * <p>The entry's time is that of recording; the processor's own stands in the object, {@code
 * message/<tenant>/<endpoint>/<time>/<event id, or ->}.
 */
public final class ReceiptRecorder implements ReceiptIntake {
  /** What a receipt is called on record. */
  public static final String ACTION = "message.verify";

  private final NumberedTrail trail;

  public ReceiptRecorder(NumberedTrail trail) {
    this.trail = trail;
  }

  @Override
  public void record(NodeId node, ReceiptBatch batch) {
    List<Numbered> events =
        batch.receipts().stream()
            .map(it -> new Numbered(it.number(), event(node, it.receipt())))
            .toList();
    try {
      var _ = trail.record(node.spiffePath() + "#" + batch.spool(), events);
    } catch (AuditUnavailableException e) {
      throw new ReceiptsUnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  /** A receipt as an event of its tenant's chain. */
  static AuditEvent event(NodeId node, Receipt receipt) {
    Instant at = Instant.EPOCH.plus(receipt.timeMicros(), ChronoUnit.MICROS);
    String id = receipt.eventId().isEmpty() ? "-" : receipt.eventId();
    return new AuditEvent(
        receipt.ref().tenant(),
        new Actor(Actor.Kind.NODE, node.spiffePath()),
        ACTION,
        "message/" + receipt.ref().routeName() + "/" + at + "/" + id,
        receipt.outcome() == Outcome.REFUSED
            ? AuditEvent.Outcome.DENIED
            : AuditEvent.Outcome.ALLOWED,
        reason(receipt),
        receipt.correlation());
  }

  private static String reason(Receipt receipt) {
    return switch (receipt.outcome()) {
      case ACCEPTED -> "";
      case REFUSED -> receipt.reason();
      case ACKNOWLEDGED -> "duplicate_acknowledged";
      case ANSWERED -> "question_answered";
      case DRY_RUN -> receipt.reason().isEmpty() ? "dry_run" : "dry_run_" + receipt.reason();
    };
  }
}
