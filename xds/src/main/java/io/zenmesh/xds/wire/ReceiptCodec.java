package io.zenmesh.xds.wire;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.protobuf.ProtoUtils;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.Receipt.Outcome;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.wire.v1.ReceiptAck;
import java.io.InputStream;
import java.util.List;
import java.util.function.Function;

/**
 * The call that delivers receipts, and the way between the model and the wire. Stateless.
 *
 * <p>A field that is not known is left out: a receipt of a newer processor is better on record
 * without it than not at all. Everything else is as strict as the model.
 */
public final class ReceiptCodec {
  /** The name of the service that the call belongs to. */
  public static final String SERVICE = "zenmesh.v1.Receipts";

  /**
   * The call. Its argument is recorded, or the call fails; its answer is the number up to which
   * everything is on record.
   */
  public static final MethodDescriptor<EncodedReceipts, Long> RECORD =
      MethodDescriptor.<EncodedReceipts, Long>newBuilder()
          .setType(MethodDescriptor.MethodType.UNARY)
          .setFullMethodName(MethodDescriptor.generateFullMethodName(SERVICE, "Record"))
          .setRequestMarshaller(
              marshaller(
                  io.zenmesh.xds.wire.v1.ReceiptBatch.getDefaultInstance(),
                  ReceiptCodec::toWire,
                  ReceiptCodec::fromWire))
          .setResponseMarshaller(
              marshaller(
                  ReceiptAck.getDefaultInstance(),
                  through -> ReceiptAck.newBuilder().setThrough(through).build(),
                  ReceiptAck::getThrough))
          .build();

  private ReceiptCodec() {}

  private static <M extends Message, T> MethodDescriptor.Marshaller<T> marshaller(
      M example, Function<T, M> encode, Function<M, T> decode) {
    MethodDescriptor.Marshaller<M> wire = ProtoUtils.marshaller(example);
    return new MethodDescriptor.Marshaller<>() {
      @Override
      public InputStream stream(T value) {
        return wire.stream(encode.apply(value));
      }

      @Override
      public T parse(InputStream bytes) {
        M message = wire.parse(bytes);
        try {
          return decode.apply(message);
        } catch (IllegalArgumentException e) {
          throw Status.INVALID_ARGUMENT
              .withDescription(e.getMessage())
              .withCause(e)
              .asRuntimeException();
        }
      }
    };
  }

  /** The batch in wire form. */
  public static EncodedReceipts encode(ReceiptBatch batch) {
    List<EncodedReceipt> receipts = batch.receipts().stream().map(EncodedReceipt::of).toList();
    return new EncodedReceipts(batch.spool(), receipts);
  }

  /**
   * The batch of this wire form.
   *
   * @throws IllegalArgumentException when there is none, or a bound of the model is broken
   */
  public static ReceiptBatch decode(EncodedReceipts batch) {
    List<Numbered> receipts = batch.receipts().stream().map(EncodedReceipt::decode).toList();
    return new ReceiptBatch(batch.spool(), receipts);
  }

  private static io.zenmesh.xds.wire.v1.ReceiptBatch toWire(EncodedReceipts batch) {
    io.zenmesh.xds.wire.v1.ReceiptBatch.Builder wire =
        io.zenmesh.xds.wire.v1.ReceiptBatch.newBuilder().setSpool(batch.spool());
    batch.receipts().forEach(receipt -> wire.addReceipts(receipt.bytes()));
    return wire.build();
  }

  private static EncodedReceipts fromWire(io.zenmesh.xds.wire.v1.ReceiptBatch wire) {
    return new EncodedReceipts(
        wire.getSpool(), wire.getReceiptsList().stream().map(EncodedReceipt::of).toList());
  }

  static Numbered decode(io.zenmesh.xds.wire.v1.Receipt wire) {
    return new Numbered(
        wire.getNumber(),
        new Receipt(
            new EndpointRef(new Name(wire.getTenant()), new Name(wire.getEndpoint())),
            outcome(wire),
            wire.getReason(),
            wire.getCorrelation(),
            wire.getEventId(),
            wire.getTimeMicros()));
  }

  static io.zenmesh.xds.wire.v1.Receipt.Outcome encode(Outcome outcome) {
    return switch (outcome) {
      case ACCEPTED -> io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_ACCEPTED;
      case REFUSED -> io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_REFUSED;
      case ACKNOWLEDGED -> io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_ACKNOWLEDGED;
      case DRY_RUN -> io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_DRY_RUN;
      case ANSWERED -> io.zenmesh.xds.wire.v1.Receipt.Outcome.OUTCOME_ANSWERED;
    };
  }

  private static Outcome outcome(io.zenmesh.xds.wire.v1.Receipt wire) {
    return switch (wire.getOutcome()) {
      case OUTCOME_ACCEPTED -> Outcome.ACCEPTED;
      case OUTCOME_REFUSED -> Outcome.REFUSED;
      case OUTCOME_ACKNOWLEDGED -> Outcome.ACKNOWLEDGED;
      case OUTCOME_DRY_RUN -> Outcome.DRY_RUN;
      case OUTCOME_ANSWERED -> Outcome.ANSWERED;
      case OUTCOME_UNSPECIFIED, UNRECOGNIZED ->
          throw PolicyCodec.malformed(
              "outcome", String.valueOf(wire.getOutcomeValue()), "one of zenmesh.v1");
    };
  }
}
