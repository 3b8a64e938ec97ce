package io.zenmesh.e2e.check;

import io.netty.bootstrap.ServerBootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.handler.codec.http.HttpDecoderConfig;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLException;

/**
 * The HTTPS server that stands for a tenant's own: records every request as it came and answers 200
 * at once, unless told otherwise for a path.
 *
 * <p>Binds to 127.0.0.1 and speaks HTTP/1.1. Keeps the last 16,384 requests and at most 64 MiB of
 * bodies. Thread-safe.
 */
public final class SampleTarget implements AutoCloseable {
  private static final int MAX_REQUESTS = 16 * 1024;
  private static final long MAX_BYTES = 64L * 1024 * 1024;
  private static final int MAX_HEADER_BYTES = 128 * 1024;

  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final Arrivals arrivals = new Arrivals(MAX_REQUESTS, MAX_BYTES);
  private final Map<String, TargetAnswer> answers = new ConcurrentHashMap<>();
  private final Channel server;

  private SampleTarget(SslContext tls, int port) throws IOException {
    try {
      this.server =
          new ServerBootstrap()
              .group(loop)
              .channel(NioServerSocketChannel.class)
              .childHandler(
                  new ChannelInitializer<SocketChannel>() {
                    @Override
                    protected void initChannel(SocketChannel socket) {
                      socket
                          .pipeline()
                          .addLast(
                              tls.newHandler(socket.alloc()),
                              new HttpServerCodec(
                                  new HttpDecoderConfig().setMaxHeaderSize(MAX_HEADER_BYTES)),
                              new TargetHandler(arrivals, answers));
                    }
                  })
              .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port))
              .syncUninterruptibly()
              .channel();
    } catch (RuntimeException e) {
      var _ = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
      throw e;
    }
  }

  /**
   * Starts a target.
   *
   * @param identity the server's certificate, key and chain
   * @param port the port to listen on, 0 for a free one
   * @throws IOException when the files do not load or the port is taken
   */
  public static SampleTarget start(IdentityFiles identity, int port) throws IOException {
    try {
      SslContext tls =
          SslContextBuilder.forServer(
                  identity.certificateChain().toFile(), identity.privateKey().toFile())
              .sslProvider(SslProvider.JDK)
              .build();
      return new SampleTarget(tls, port);
    } catch (SSLException | IllegalArgumentException e) {
      throw new IOException("sample target: certificate or key does not load", e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return ((InetSocketAddress) server.localAddress()).getPort();
  }

  /** What arrived. */
  public Arrivals arrivals() {
    return arrivals;
  }

  /** Answers requests for this path, query included, so from now on. */
  public void answer(String path, TargetAnswer answer) {
    answers.put(path, answer);
  }

  /** Forgets every answer asked for. */
  public void answerNormally() {
    answers.clear();
  }

  @Override
  public void close() {
    server.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }
}
