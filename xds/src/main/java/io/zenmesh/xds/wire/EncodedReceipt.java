package io.zenmesh.xds.wire;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import com.google.protobuf.WireFormat;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.wire.v1.Receipt;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * A receipt in wire form, as a spool holds it and the call carries it. Immutable; only its number
 * was read, the rest is judged when it is decoded.
 *
 * @param number its place in the spool
 */
public record EncodedReceipt(long number, ByteString bytes) {
  /** The longest, in bytes. */
  public static final int MAX_BYTES = 640;

  private static final int NUMBER_TAG =
      (Receipt.NUMBER_FIELD_NUMBER << 3) | WireFormat.WIRETYPE_VARINT;

  /**
   * The receipt that these bytes are, which must not change any more.
   *
   * @throws IllegalArgumentException when they do not begin with a number
   */
  public static EncodedReceipt of(ByteBuffer bytes) {
    return of(UnsafeByteOperations.unsafeWrap(bytes));
  }

  static EncodedReceipt of(ByteString bytes) {
    try {
      CodedInputStream in = bytes.newCodedInput();
      if (in.readTag() == NUMBER_TAG) {
        return new EncodedReceipt(in.readUInt64(), bytes);
      }
    } catch (IOException e) {
      throw new IllegalArgumentException("receipt: malformed (expected: zenmesh.v1.Receipt)", e);
    }
    throw new IllegalArgumentException("receipt: malformed (expected: its number first)");
  }

  static EncodedReceipt of(Numbered receipt) {
    ByteBuffer out = ByteBuffer.allocate(MAX_BYTES);
    write(receipt, out);
    return of(out.flip());
  }

  /**
   * Writes the wire form of a receipt.
   *
   * @throws IllegalArgumentException when there is no room for it
   */
  public static void write(Numbered numbered, ByteBuffer out) {
    // Field by field: a message object measures each text before it copies it, once a request.
    var receipt = numbered.receipt();
    CodedOutputStream wire = CodedOutputStream.newInstance(out);
    try {
      wire.writeUInt64(Receipt.NUMBER_FIELD_NUMBER, numbered.number());
      wire.writeString(Receipt.TENANT_FIELD_NUMBER, receipt.ref().tenant().value());
      wire.writeString(Receipt.ENDPOINT_FIELD_NUMBER, receipt.ref().endpoint().value());
      wire.writeEnum(
          Receipt.OUTCOME_FIELD_NUMBER, ReceiptCodec.encode(receipt.outcome()).getNumber());
      writeText(wire, Receipt.REASON_FIELD_NUMBER, receipt.reason());
      wire.writeString(Receipt.CORRELATION_FIELD_NUMBER, receipt.correlation());
      writeText(wire, Receipt.EVENT_ID_FIELD_NUMBER, receipt.eventId());
      wire.writeInt64(Receipt.TIME_MICROS_FIELD_NUMBER, receipt.timeMicros());
      wire.flush();
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "receipt: too long (expected: at most " + MAX_BYTES + " bytes)", e);
    }
  }

  private static void writeText(CodedOutputStream wire, int field, String text) throws IOException {
    if (!text.isEmpty()) {
      wire.writeString(field, text);
    }
  }

  /**
   * Reads all of it.
   *
   * @throws IllegalArgumentException when it is no receipt, or a bound of the model is broken
   */
  public Numbered decode() {
    try {
      return ReceiptCodec.decode(Receipt.parseFrom(bytes));
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException("receipt: malformed (expected: zenmesh.v1.Receipt)", e);
    }
  }
}
