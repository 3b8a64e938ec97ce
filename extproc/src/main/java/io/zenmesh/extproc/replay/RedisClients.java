package io.zenmesh.extproc.replay;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.ClientOptions.DisconnectedBehavior;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.SslOptions;
import io.lettuce.core.SslVerifyMode;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.EventLoopGroupProvider;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoop;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollChannelOption;
import io.netty.handler.flush.FlushConsolidationHandler;
import io.netty.handler.ssl.SslHandler;
import io.netty.util.concurrent.EventExecutorGroup;
import io.netty.util.concurrent.Future;
import io.netty.util.concurrent.ImmediateEventExecutor;
import io.zenmesh.xds.secret.SecretAccess;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;

/**
 * Configures Lettuce: TLS by BoringSSL, every channel on a loop of the caller's choice, no
 * reconnect of its own.
 *
 * <p>Lettuce re-sends commands only when it reconnects by itself. It must not: a claim sent twice
 * would find itself. So a broken connection stays broken, its commands fail, and the lane opens
 * another.
 */
final class RedisClients implements AutoCloseable {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(1);
  private static final int REQUEST_QUEUE = 16_384;

  private final RedisAccess access;
  private final ClientResources shared;

  RedisClients(RedisAccess access) {
    this.access = access;
    this.shared =
        ClientResources.builder()
            .commandLatencyRecorder(CommandLatencyRecorder.disabled())
            .nettyCustomizer(new ChannelSetup())
            .build();
  }

  /** A client whose channels live on {@code loop}. */
  RedisClient on(EventLoop loop) {
    ClientResources resources =
        shared.mutate().eventLoopGroupProvider(new SingleLoop(loop)).build();
    RedisClient client = RedisClient.create(resources, uri());
    client.setOptions(options());
    return client;
  }

  RedisURI uri() {
    return RedisURI.builder()
        .withHost(access.address().host())
        .withPort(access.address().port())
        .withSsl(true)
        .withVerifyPeer(SslVerifyMode.FULL)
        .withTimeout(CONNECT_TIMEOUT)
        .withAuthentication(RedisCredentialsProvider.from(this::credentials))
        // Both empty: CLIENT SETINFO is not among the six commands.
        .withLibraryName("")
        .withLibraryVersion("")
        .build();
  }

  private RedisCredentials credentials() {
    byte[] bytes = access.password().copy(SecretAccess.granted());
    CharBuffer chars = StandardCharsets.UTF_8.decode(ByteBuffer.wrap(bytes));
    char[] password = new char[chars.remaining()];
    chars.get(password);
    Arrays.fill(bytes, (byte) 0);
    Arrays.fill(chars.array(), '\0');
    return RedisCredentials.just(access.user(), password);
  }

  private ClientOptions options() {
    SslOptions tls =
        SslOptions.builder()
            .openSslProvider()
            .protocols("TLSv1.3")
            .handshakeTimeout(CONNECT_TIMEOUT)
            .trustManager(access.identity().trustBundle().toFile())
            .keyManager(
                access.identity().certificateChain().toFile(),
                access.identity().privateKey().toFile(),
                new char[0])
            .build();
    return ClientOptions.builder()
        .autoReconnect(false)
        .disconnectedBehavior(DisconnectedBehavior.REJECT_COMMANDS)
        .maintNotificationsConfig(MaintNotificationsConfig.disabled())
        .pingBeforeActivateConnection(true)
        .protocolVersion(ProtocolVersion.RESP2)
        .requestQueueSize(REQUEST_QUEUE)
        .socketOptions(
            SocketOptions.builder().connectTimeout(CONNECT_TIMEOUT).tcpNoDelay(true).build())
        // A lane fails what is not answered in time itself, without a timer for each command.
        .timeoutOptions(TimeoutOptions.create())
        .sslOptions(tls)
        .build();
  }

  /** Frees what all clients share; the loops are their owner's. */
  @Override
  public void close() {
    Future<Boolean> ignored = shared.shutdown(0, 1, TimeUnit.SECONDS);
    ignored.isDone();
  }

  /**
   * What Lettuce does not set by itself.
   *
   * <p>A command that did not get through must not get through later, when its claim may be
   * another's: the kernel re-sends for {@link ReplayLadder#STORE_RETRANSMISSION} and drops at once
   * what was not sent when the channel is closed.
   *
   * <p>Many answers read in one go on the ext_proc channel become one TLS record to Redis.
   */
  static final class ChannelSetup implements NettyCustomizer {
    private static final int EXPLICIT_FLUSH_AFTER = 256;

    @Override
    public void afterBootstrapInitialized(Bootstrap bootstrap) {
      bootstrap
          .option(
              EpollChannelOption.TCP_USER_TIMEOUT,
              Math.toIntExact(ReplayLadder.STORE_RETRANSMISSION.toMillis()))
          .option(ChannelOption.SO_LINGER, 0);
    }

    @Override
    public void afterChannelInitialized(Channel channel) {
      ChannelHandlerContext tls = channel.pipeline().context(SslHandler.class);
      if (tls != null) {
        channel
            .pipeline()
            .addAfter(
                tls.name(),
                "consolidate-flushes",
                new FlushConsolidationHandler(EXPLICIT_FLUSH_AFTER, true));
      }
    }
  }

  private record SingleLoop(EventLoop loop) implements EventLoopGroupProvider {
    @Override
    @SuppressWarnings("unchecked") // Lettuce asks for a group type and uses it as EventLoopGroup.
    public <T extends EventLoopGroup> T allocate(Class<T> type) {
      return (T) loop;
    }

    @Override
    public int threadPoolSize() {
      return 1;
    }

    @Override
    public Future<Boolean> release(
        EventExecutorGroup group, long quietPeriod, long timeout, TimeUnit unit) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }

    @Override
    public Future<Boolean> shutdown(long quietPeriod, long timeout, TimeUnit unit) {
      return ImmediateEventExecutor.INSTANCE.newSucceededFuture(true);
    }
  }
}
