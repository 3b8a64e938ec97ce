package io.zenmesh.xds.wire;

import com.google.protobuf.InvalidProtocolBufferException;
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
 * Translates receipts between the model and the wire, one by one for a spool and in batches for the
 * call that delivers them. Stateless.
 *
 * <p>A field that is not known is left out: a receipt of a newer processor is better on record
 * without it than not at all. Everything else is as strict as the model.
 */
public final class ReceiptCodec {
  /** The name of the service that the call belongs to. */
  public static final String SERVICE = "zenmesh.v1.Receipts";

  /** The longest wire form of one receipt, in bytes. */
  public static final int MAX_BYTES = 640;

  /**
   * The call. Its argument is recorded, or the call fails; its answer is the number up to which
   * everything is on record.
   */
  public static final MethodDescriptor<ReceiptBatch, Long> RECORD =
      MethodDescriptor.<ReceiptBatch, Long>newBuilder()
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

  /** The wire form of one receipt. */
  public static byte[] bytes(Numbered receipt) {
    return encode(receipt).toByteArray();
  }

  /**
   * The receipt in these bytes.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Numbered parse(byte[] bytes) {
    try {
      return decode(io.zenmesh.xds.wire.v1.Receipt.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("receipt: malformed (expected: zenmesh.v1.Receipt)", e);
    }
  }

  private static io.zenmesh.xds.wire.v1.ReceiptBatch toWire(ReceiptBatch batch) {
    io.zenmesh.xds.wire.v1.ReceiptBatch.Builder wire =
        io.zenmesh.xds.wire.v1.ReceiptBatch.newBuilder().setSpool(batch.spool());
    batch.receipts().forEach(receipt -> wire.addReceipts(encode(receipt)));
    return wire.build();
  }

  private static ReceiptBatch fromWire(io.zenmesh.xds.wire.v1.ReceiptBatch wire) {
    List<Numbered> receipts = wire.getReceiptsList().stream().map(ReceiptCodec::decode).toList();
    return new ReceiptBatch(wire.getSpool(), receipts);
  }

  private static io.zenmesh.xds.wire.v1.Receipt encode(Numbered numbered) {
    Receipt receipt = numbered.receipt();
    return io.zenmesh.xds.wire.v1.Receipt.newBuilder()
        .setNumber(numbered.number())
        .setTenant(receipt.ref().tenant().value())
        .setEndpoint(receipt.ref().endpoint().value())
        .setOutcome(encode(receipt.outcome()))
        .setReason(receipt.reason())
        .setCorrelation(receipt.correlation())
        .setEventId(receipt.eventId())
        .setTimeMicros(receipt.timeMicros())
        .build();
  }

  private static Numbered decode(io.zenmesh.xds.wire.v1.Receipt wire) {
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

  private static io.zenmesh.xds.wire.v1.Receipt.Outcome encode(Outcome outcome) {
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
