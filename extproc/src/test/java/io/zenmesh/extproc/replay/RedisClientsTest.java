package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollSocketChannel;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RedisClientsTest {
  @Test
  void F08_unacknowledgedCommands_dieWithTheKernelsTimeoutOrTheChannel() throws Exception {
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    try (ServerSocket server = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Bootstrap bootstrap =
          new Bootstrap()
              .group(loops)
              .channel(EpollSocketChannel.class)
              .handler(new ChannelInboundHandlerAdapter());
      new RedisClients.ChannelSetup().afterBootstrapInitialized(bootstrap);
      EpollSocketChannel channel =
          (EpollSocketChannel) bootstrap.connect(server.getLocalSocketAddress()).sync().channel();
      // Both are read back from the kernel.
      assertThat(channel.config().getTcpUserTimeout())
          .isEqualTo((int) ReplayLadder.STORE_RETRANSMISSION.toMillis());
      assertThat(channel.config().getSoLinger()).isZero();
      channel.close().sync();
    } finally {
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }
}
