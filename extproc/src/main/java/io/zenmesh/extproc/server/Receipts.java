package io.zenmesh.extproc.server;

import io.zenmesh.extproc.pipeline.Acceptance;
import io.zenmesh.extproc.pipeline.Effect;
import io.zenmesh.extproc.pipeline.RequestHead;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.receipts.ReceiptBook.Need;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.xds.model.Correlation;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Writes a receipt of each verdict on an endpoint. What has no endpoint has no tenant, so no record
 * that it could go on. Thread-safe.
 */
final class Receipts {
  private final ReceiptBook book;
  private final InstantSource clock;

  Receipts(ReceiptBook book, InstantSource clock) {
    this.book = book;
    this.clock = clock;
  }

  /** The id that joins the request to its receipt, answer and delivery. */
  static String correlation(RequestHead head) {
    return Correlation.of(only(head, "x-request-id"), only(head, "traceparent"));
  }

  private static Optional<String> only(RequestHead head, String name) {
    List<String> values = head.header(name);
    return values.size() == 1 ? Optional.of(values.getFirst()) : Optional.empty();
  }

  /**
   * Whether the message may be let on: false when its endpoint wants a receipt and none is kept.
   */
  boolean accepted(Acceptance acceptance, String correlation) {
    PreparedEndpoint endpoint = acceptance.endpoint();
    boolean owed = endpoint.policy().onReceiptLoss() == OnReceiptLoss.REFUSE;
    boolean kept =
        book.add(
            receipt(endpoint, Outcome.ACCEPTED, "", correlation, acceptance.eventId()),
            owed ? Need.OWED : Need.WISHED);
    return kept || !owed;
  }

  void refused(Reason reason, Optional<PreparedEndpoint> endpoint, String correlation) {
    endpoint.ifPresent(it -> wish(it, Outcome.REFUSED, reason.code(), correlation, ""));
  }

  void acknowledged(PreparedEndpoint endpoint, String correlation) {
    wish(endpoint, Outcome.ACKNOWLEDGED, "", correlation, "");
  }

  void answered(PreparedEndpoint endpoint, String correlation) {
    wish(endpoint, Outcome.ANSWERED, "", correlation, "");
  }

  void letOnInDryRun(Effect.LetOnInDryRun dryRun, String correlation) {
    wish(
        dryRun.endpoint(),
        Outcome.DRY_RUN,
        dryRun.reason().map(Reason::code).orElse(""),
        correlation,
        dryRun.eventId());
  }

  private void wish(
      PreparedEndpoint endpoint,
      Outcome outcome,
      String reason,
      String correlation,
      String eventId) {
    var unused = book.add(receipt(endpoint, outcome, reason, correlation, eventId), Need.WISHED);
  }

  private Receipt receipt(
      PreparedEndpoint endpoint,
      Outcome outcome,
      String reason,
      String correlation,
      String eventId) {
    Instant now = clock.instant();
    long micros =
        TimeUnit.SECONDS.toMicros(now.getEpochSecond())
            + TimeUnit.NANOSECONDS.toMicros(now.getNano());
    return new Receipt(
        endpoint.ref(), outcome, reason, correlation, Receipt.eventId(eventId), micros);
  }
}
