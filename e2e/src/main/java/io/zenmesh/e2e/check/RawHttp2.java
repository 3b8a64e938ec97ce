package io.zenmesh.e2e.check;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.Unpooled;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2DataFrame;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.ApplicationProtocolConfig;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslProvider;
import io.netty.util.concurrent.Future;
import io.zenmesh.e2e.check.WireRequest.Framing;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;

/**
 * HTTP/2 over TLS, frame by frame: repeated fields stay apart, and a header block may be followed
 * by trailers without any DATA between. Names are lower-cased and nothing else is checked.
 */
public final class RawHttp2 implements WireClient {
  private final SslContext tls;
  private final Duration patience;
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());

  /**
   * Makes a client.
   *
   * @param patience the longest wait for connect and handshake, and again for the answer
   */
  public RawHttp2(ClientTls trust, Duration patience) {
    this.patience = patience;
    SslContextBuilder builder = SslContextBuilder.forClient();
    trust.keys().ifPresent(builder::keyManager);
    try {
      this.tls =
          builder
              .sslProvider(SslProvider.JDK)
              .trustManager(trust.trust())
              .endpointIdentificationAlgorithm("HTTPS")
              .applicationProtocolConfig(
                  new ApplicationProtocolConfig(
                      ApplicationProtocolConfig.Protocol.ALPN,
                      ApplicationProtocolConfig.SelectorFailureBehavior.NO_ADVERTISE,
                      ApplicationProtocolConfig.SelectedListenerFailureBehavior.ACCEPT,
                      Protocol.HTTP_2.alpn()))
              .build();
    } catch (SSLException e) {
      throw new IllegalStateException("TLS client context: not built", e);
    }
  }

  @Override
  public Protocol protocol() {
    return Protocol.HTTP_2;
  }

  @Override
  public Outcome send(int port, String serverName, WireRequest request) {
    long start = System.nanoTime();
    CompletableFuture<Outcome> outcome = new CompletableFuture<>();
    try (Closing connection = new Closing(connect(port, serverName, start, outcome))) {
      Http2StreamChannel stream =
          new Http2StreamChannelBootstrap(connection.channel())
              .handler(new AnswerReader(start, outcome))
              .open()
              .get(patience.toMillis(), TimeUnit.MILLISECONDS);
      write(stream, request);
      return outcome.get(patience.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException e) {
      return new Outcome.Silent(AnswerReader.since(start));
    } catch (ExecutionException e) {
      return new Outcome.Cut(String.valueOf(e.getCause()), AnswerReader.since(start));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return new Outcome.Cut("interrupted", AnswerReader.since(start));
    }
  }

  private record Closing(Channel channel) implements AutoCloseable {
    @Override
    public void close() {
      channel.close().syncUninterruptibly();
    }
  }

  private Channel connect(
      int port, String serverName, long start, CompletableFuture<Outcome> outcome)
      throws InterruptedException, ExecutionException, TimeoutException {
    Channel channel =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .option(ChannelOption.CONNECT_TIMEOUT_MILLIS, Math.toIntExact(patience.toMillis()))
            .handler(
                new ChannelInitializer<SocketChannel>() {
                  @Override
                  protected void initChannel(SocketChannel socket) {
                    prepare(socket, serverName, port, start, outcome);
                  }
                })
            .connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
            .sync()
            .channel();
    try {
      // A server that refuses the client's certificate may have closed the channel by now.
      SslHandler handler = channel.pipeline().get(SslHandler.class);
      if (handler == null) {
        throw new ExecutionException(new SSLException("closed during the handshake"));
      }
      Future<Channel> handshake = handler.handshakeFuture();
      handshake.get(patience.toMillis(), TimeUnit.MILLISECONDS);
      if (!Protocol.HTTP_2.alpn().equals(handler.applicationProtocol())) {
        throw new ExecutionException(new SSLException("ALPN: h2 not chosen"));
      }
      return channel;
    } catch (ExecutionException | TimeoutException e) {
      channel.close().syncUninterruptibly();
      throw e;
    }
  }

  private void prepare(
      SocketChannel socket,
      String serverName,
      int port,
      long start,
      CompletableFuture<Outcome> outcome) {
    SslHandler handler = tls.newHandler(socket.alloc(), serverName, port);
    handler.setHandshakeTimeoutMillis(patience.toMillis());
    socket
        .pipeline()
        .addLast(
            handler,
            Http2FrameCodecBuilder.forClient()
                .initialSettings(Http2Settings.defaultSettings().pushEnabled(false))
                .validateHeaders(false)
                .build(),
            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
            new ChannelInboundHandlerAdapter() {
              @Override
              public void channelInactive(ChannelHandlerContext context) {
                outcome.complete(new Outcome.Cut("connection closed", AnswerReader.since(start)));
                context.fireChannelInactive();
              }

              @Override
              public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
                outcome.complete(
                    new Outcome.Cut(String.valueOf(cause.getMessage()), AnswerReader.since(start)));
                var _ = context.close();
              }
            });
  }

  private static void write(Http2StreamChannel stream, WireRequest request) {
    boolean trailers = !request.trailers().isEmpty();
    boolean data = request.framing() != Framing.NONE && !request.body().isEmpty();
    var _ = stream.write(new DefaultHttp2HeadersFrame(head(request), !data && !trailers));
    if (data) {
      var _ =
          stream.write(
              new DefaultHttp2DataFrame(
                  Unpooled.wrappedBuffer(request.body().asReadOnlyByteBuffer()), !trailers));
    }
    if (trailers) {
      var _ = stream.write(new DefaultHttp2HeadersFrame(fields(request.trailers()), true));
    }
    stream.flush();
  }

  private static Http2Headers head(WireRequest request) {
    Http2Headers head =
        new DefaultHttp2Headers(false)
            .method(request.method())
            .scheme("https")
            .authority(request.authority())
            .path(request.path());
    for (Field field : request.headers()) {
      head.add(lower(field.name()), field.value());
    }
    if (request.framing() == Framing.CONTENT_LENGTH) {
      head.add("content-length", Integer.toString(request.body().size()));
    }
    return head;
  }

  private static Http2Headers fields(List<Field> fields) {
    Http2Headers headers = new DefaultHttp2Headers(false);
    for (Field field : fields) {
      headers.add(lower(field.name()), field.value());
    }
    return headers;
  }

  private static String lower(String name) {
    return name.toLowerCase(Locale.ROOT);
  }

  @Override
  public void close() {
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
