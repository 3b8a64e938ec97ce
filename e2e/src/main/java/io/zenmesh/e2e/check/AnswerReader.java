package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.http2.Http2DataFrame;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2ResetFrame;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Collects the frames of one HTTP/2 answer. One per stream, used on its event loop only. */
final class AnswerReader extends ChannelInboundHandlerAdapter {
  private static final int INTERIM_BELOW = 200;

  private final long start;
  private final CompletableFuture<Outcome> outcome;
  private final List<Field> headers = new ArrayList<>();
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private int status;

  AnswerReader(long start, CompletableFuture<Outcome> outcome) {
    this.start = start;
    this.outcome = outcome;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object frame) {
    try {
      switch (frame) {
        case Http2HeadersFrame head -> read(head);
        case Http2DataFrame data -> read(data);
        case Http2ResetFrame reset -> cut("stream reset: " + Http2Error.valueOf(reset.errorCode()));
        default -> {}
      }
    } finally {
      ReferenceCountUtil.release(frame);
    }
  }

  private void read(Http2HeadersFrame head) {
    CharSequence pseudo = head.headers().status();
    if (pseudo != null) {
      status = Integer.parseInt(pseudo.toString());
      if (status < INTERIM_BELOW) {
        return;
      }
      for (Map.Entry<CharSequence, CharSequence> field : head.headers()) {
        if (!Http2Headers.PseudoHeaderName.isPseudoHeader(field.getKey())) {
          headers.add(new Field(field.getKey().toString(), field.getValue().toString()));
        }
      }
    }
    if (head.isEndStream()) {
      finish();
    }
  }

  private void read(Http2DataFrame data) {
    byte[] bytes = new byte[data.content().readableBytes()];
    data.content().readBytes(bytes);
    body.writeBytes(bytes);
    if (data.isEndStream()) {
      finish();
    }
  }

  private void finish() {
    outcome.complete(
        new Outcome.Answered(
            status, headers, ByteString.copyFrom(body.toByteArray()), since(start)));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext context, Object event) {
    if (event instanceof Http2ResetFrame reset) {
      cut("stream reset: " + Http2Error.valueOf(reset.errorCode()));
    }
    context.fireUserEventTriggered(event);
  }

  @Override
  public void channelInactive(ChannelHandlerContext context) {
    cut("stream closed");
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    cut(String.valueOf(cause.getMessage()));
    var _ = context.close();
  }

  private void cut(String why) {
    outcome.complete(new Outcome.Cut(why, since(start)));
  }

  static Duration since(long start) {
    return Duration.ofNanos(System.nanoTime() - start);
  }
}
