package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** A processor's receipts over mutual TLS to the records of its tenants. */
class ControlPlaneReceiptTest extends ControlPlaneFixture {
  private static final String SPOOL = "0123456789abcdef0123456789abcdef";

  private static Numbered receipt(long number, String tenant, Outcome outcome, String reason) {
    return new Numbered(
        number,
        new Receipt(
            ref(tenant, "zen"),
            outcome,
            reason,
            "request-" + number,
            outcome == Outcome.ACCEPTED ? "event-" + number : "",
            1_764_000_000_123_456L));
  }

  private static ReceiptBatch batch(Numbered... receipts) {
    return new ReceiptBatch(SPOOL, List.of(receipts));
  }

  private List<String> verdicts(String chain) throws Exception {
    return onRecord(chain).stream().filter(it -> it.contains(" message.verify ")).toList();
  }

  @Test
  void receipts_areOnTheRecordOfTheirTenant_once() throws Exception {
    ReceiptBatch batch =
        batch(
            receipt(1, "acme", Outcome.ACCEPTED, ""),
            receipt(2, "globex", Outcome.REFUSED, "signature_mismatch"),
            receipt(3, "acme", Outcome.REFUSED, "replayed"),
            receipt(4, "acme", Outcome.DRY_RUN, "timestamp_too_old"),
            receipt(5, "acme", Outcome.ACKNOWLEDGED, ""));
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> !it.policies().isEmpty());
        assertThat(processor.deliver(batch)).isEqualTo(5);
        assertThat(processor.deliver(batch)).isEqualTo(5);
      }
    }
    String node = PROCESSOR.spiffePath() + " message.verify message/";
    String at = "/zen/2025-11-24T16:00:00.123456Z/";
    assertThat(verdicts("acme"))
        .containsExactly(
            node + "acme" + at + "event-1 allowed ",
            node + "acme" + at + "- denied replayed",
            node + "acme" + at + "- allowed dry_run_timestamp_too_old",
            node + "acme" + at + "- allowed duplicate_acknowledged");
    assertThat(verdicts("globex"))
        .containsExactly(node + "globex" + at + "- denied signature_mismatch");
  }

  @Test
  void receiptOfATenantThatTheNodeDoesNotServe_isOnTheSystemsRecordOnly() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> !it.policies().isEmpty());
        processor.deliver(batch(receipt(1, "initech", Outcome.ACCEPTED, "")));
      }
    }
    assertThat(onRecord("initech")).isEmpty();
    assertThat(onRecord("system"))
        .contains(
            PROCESSOR.spiffePath()
                + " node.receipts xds/control-plane denied tenant_not_served: 1_of_initech");
  }

  @Test
  void A13_auditStoreThatRefuses_isUnavailable_andNothingIsLostOrDoubled() throws Exception {
    ReceiptBatch batch = batch(receipt(1, "acme", Outcome.ACCEPTED, ""));
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> !it.policies().isEmpty());
        TestPostgres.execute(
            TestPostgres.superuserOf(database), "revoke insert on zen.audit_entry from zen_audit");
        assertThatThrownBy(() -> processor.deliver(batch))
            .isInstanceOf(IOException.class)
            .hasMessageContaining("UNAVAILABLE");
        TestPostgres.execute(
            TestPostgres.superuserOf(database), "grant insert on zen.audit_entry to zen_audit");
        assertThat(Stream.of(batch, batch).map(processor::deliveredThrough)).containsOnly(1L);
      }
    }
    assertThat(verdicts("acme")).hasSize(1);
  }
}
