package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelOption;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.DefaultHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContent;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.LastHttpContent;
import io.netty.util.ReferenceCountUtil;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Records the requests of one connection and answers them. Used on its event loop only. */
final class TargetHandler extends ChannelInboundHandlerAdapter {
  private static final byte[] BODY = "ok\n".getBytes(StandardCharsets.US_ASCII);
  private static final int MAX_BODY = 16 * 1024 * 1024;

  private final Arrivals arrivals;
  private final Map<String, TargetAnswer> answers;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();
  private @Nullable HttpRequest head;

  TargetHandler(Arrivals arrivals, Map<String, TargetAnswer> answers) {
    this.arrivals = arrivals;
    this.answers = answers;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) {
    try {
      if (message instanceof HttpRequest request) {
        head = copyOf(request);
        body.reset();
      }
      if (message instanceof HttpContent content) {
        read(context, content);
      }
    } finally {
      ReferenceCountUtil.release(message);
    }
  }

  private static HttpRequest copyOf(HttpRequest request) {
    return new DefaultHttpRequest(
        request.protocolVersion(), request.method(), request.uri(), request.headers().copy());
  }

  private void read(ChannelHandlerContext context, HttpContent content) {
    byte[] bytes = new byte[content.content().readableBytes()];
    content.content().readBytes(bytes);
    body.writeBytes(bytes);
    HttpRequest request = head;
    if (request == null || content.decoderResult().isFailure() || body.size() > MAX_BODY) {
      var _ = context.close();
      return;
    }
    if (content instanceof LastHttpContent) {
      head = null;
      List<Field> headers =
          request.headers().entries().stream()
              .map(entry -> new Field(entry.getKey(), entry.getValue()))
              .toList();
      arrivals.add(
          request.method().name(), request.uri(), headers, ByteString.copyFrom(body.toByteArray()));
      answer(context, request);
    }
  }

  private void answer(ChannelHandlerContext context, HttpRequest request) {
    switch (answers.getOrDefault(request.uri(), TargetAnswer.OK)) {
      case TargetAnswer.Hang() -> {}
      case TargetAnswer.Reset() -> {
        context.channel().config().setOption(ChannelOption.SO_LINGER, 0);
        context.channel().unsafe().closeForcibly();
      }
      case TargetAnswer.Status(int status, Duration delay) -> {
        boolean keepAlive = HttpUtil.isKeepAlive(request);
        if (delay.isZero()) {
          write(context, status, keepAlive);
        } else {
          var _ =
              context
                  .executor()
                  .schedule(
                      () -> write(context, status, keepAlive),
                      delay.toNanos(),
                      TimeUnit.NANOSECONDS);
        }
      }
    }
  }

  private static void write(ChannelHandlerContext context, int status, boolean keepAlive) {
    FullHttpResponse response =
        new DefaultFullHttpResponse(
            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), Unpooled.wrappedBuffer(BODY));
    response.headers().set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    response.headers().setInt(HttpHeaderNames.CONTENT_LENGTH, BODY.length);
    if (!keepAlive) {
      response.headers().set(HttpHeaderNames.CONNECTION, HttpHeaderValues.CLOSE);
    }
    var written = context.writeAndFlush(response);
    if (!keepAlive) {
      var _ = written.addListener(ChannelFutureListener.CLOSE);
    }
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
    var _ = context.close();
  }
}
