package io.zenmesh.xds.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
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
    EncodedReceipt encoded = EncodedReceipt.of(numbered);
    assertThat(encoded.decode()).isEqualTo(numbered);
    assertThat(encoded.number()).isEqualTo(numbered.number());
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
    assertThat(EncodedReceipt.of(new Numbered(Long.MAX_VALUE, longest)).bytes().size())
        .isBetween(400, EncodedReceipt.MAX_BYTES);
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
    EncodedReceipts sent = ReceiptCodec.encode(batch);
    EncodedReceipts came = marshaller.parse(marshaller.stream(sent));
    assertThat(came.last()).isEqualTo(1_998);
    assertThat(ReceiptCodec.decode(came)).isEqualTo(batch);
  }

  @Test
  void bytesThatAreNoReceipt_areRefused() {
    ByteBuffer noise = ByteBuffer.wrap("hello".getBytes(StandardCharsets.UTF_8));
    assertThatIllegalArgumentException().isThrownBy(() -> EncodedReceipt.of(noise));
    ByteBuffer numberOnly = ByteBuffer.wrap(new byte[] {8, 1});
    EncodedReceipt bare = EncodedReceipt.of(numberOnly);
    assertThat(bare.number()).isEqualTo(1);
    assertThatIllegalArgumentException().isThrownBy(bare::decode);
  }

  @Test
  void receiptWithoutRoom_isRefused() {
    Numbered numbered = new Numbered(1, receipt(Receipt.Outcome.ACCEPTED, "event-1"));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> EncodedReceipt.write(numbered, ByteBuffer.allocate(20)))
        .withMessageStartingWith("receipt: too long");
  }

  @Test
  void batchOutOfOrder_isRefused() {
    EncodedReceipt one =
        EncodedReceipt.of(new Numbered(1, receipt(Receipt.Outcome.ACCEPTED, "event-1")));
    EncodedReceipts twice = new EncodedReceipts(SPOOL, List.of(one, one));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ReceiptCodec.decode(twice))
        .withMessageContaining("ascending");
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
