package io.zenmesh.xds.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.Status;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ReceiptCodecTest {
  private static final String SPOOL = "0123456789abcdef0123456789abcdef";

  private static Receipt receipt(Receipt.Outcome outcome, String text) {
    return new Receipt(
        EndpointRef.parse("acme/orders"), outcome, "signature_mismatch", "request-1", text, 17);
  }

  @ParameterizedTest
  @EnumSource(Receipt.Outcome.class)
  void receipt_survivesTheWire(Receipt.Outcome outcome) {
    Numbered numbered = new Numbered(Long.MAX_VALUE, receipt(outcome, "event-1"));
    assertThat(ReceiptCodec.parse(ReceiptCodec.bytes(numbered))).isEqualTo(numbered);
  }

  @Test
  void longestReceipt_fitsTheBound() {
    Name name = new Name("a".repeat(63));
    Receipt longest =
        new Receipt(
            new EndpointRef(name, name),
            Receipt.Outcome.REFUSED,
            "r".repeat(Receipt.MAX_REASON),
            "c".repeat(128),
            "e".repeat(Receipt.MAX_EVENT_ID),
            Long.MAX_VALUE);
    assertThat(ReceiptCodec.bytes(new Numbered(Long.MAX_VALUE, longest)).length)
        .isBetween(400, ReceiptCodec.MAX_BYTES);
  }

  @Test
  void batch_survivesTheCall() {
    ReceiptBatch batch =
        new ReceiptBatch(
            SPOOL,
            IntStream.range(1, 1_000)
                .mapToObj(i -> new Numbered(2L * i, receipt(Receipt.Outcome.REFUSED, "e" + i)))
                .toList());
    var marshaller = ReceiptCodec.RECORD.getRequestMarshaller();
    assertThat(marshaller.parse(marshaller.stream(batch))).isEqualTo(batch);
  }

  @Test
  void batchOutOfOrder_isAnInvalidArgument() {
    io.zenmesh.xds.wire.v1.Receipt one =
        io.zenmesh.xds.wire.v1.Receipt.newBuilder()
            .setNumber(1)
            .setTenant("acme")
            .setEndpoint("orders")
            .setOutcome(io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_ACCEPTED)
            .setCorrelation("request-1")
            .build();
    byte[] twice =
        io.zenmesh.xds.wire.v1.ReceiptBatch.newBuilder()
            .setSpool(SPOOL)
            .addReceipts(one)
            .addReceipts(one)
            .build()
            .toByteArray();
    assertThatThrownBy(
            () -> ReceiptCodec.RECORD.getRequestMarshaller().parse(new ByteArrayInputStream(twice)))
        .satisfies(e ->
            assertThat(Status.fromThrowable(e).getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
  }

  @Test
  void bounds_areKept() {
    for (String bad : List.of("line\nbreak", "blank space", "\u00e9", "x".repeat(129))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> receipt(Receipt.Outcome.ACCEPTED, bad))
          .withMessageStartingWith("eventId: ");
      assertThat(receipt(Receipt.Outcome.ACCEPTED, Receipt.eventId(bad)).eventId())
          .matches("[!-~]{1,128}");
    }
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new ReceiptBatch(SPOOL, List.of()))
        .withMessageStartingWith("receipts: ");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new Numbered(0, receipt(Receipt.Outcome.ACCEPTED, "")));
  }
}
