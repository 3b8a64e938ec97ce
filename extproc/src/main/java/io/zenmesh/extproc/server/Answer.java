package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** One message to Envoy, as the bytes that go on the wire. Immutable, thread-safe. */
final class Answer {
  /** Writes the bytes as they are; a server reads no answers. */
  static final MethodDescriptor.Marshaller<Answer> MARSHALLER =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(Answer answer) {
          return new Wire(answer.bytes);
        }

        @Override
        public Answer parse(InputStream wire) {
          throw new UnsupportedOperationException("answers are only sent");
        }
      };

  private final byte[] bytes;

  private Answer(byte[] bytes) {
    this.bytes = bytes;
  }

  static Answer of(ProcessingResponse message) {
    return new Answer(message.toByteArray());
  }

  /** Takes the bytes over; they must not change from now on. */
  static Answer takeOver(byte[] bytes) {
    return new Answer(bytes);
  }

  /** In the form that gRPC copies once, straight into the frame. */
  private static final class Wire extends ByteArrayInputStream implements KnownLength, Drainable {
    Wire(byte[] bytes) {
      super(bytes);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = count - pos;
      target.write(buf, pos, length);
      pos = count;
      return length;
    }
  }
}
