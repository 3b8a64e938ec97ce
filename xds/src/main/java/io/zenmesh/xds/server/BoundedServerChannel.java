package io.zenmesh.xds.server;

import io.netty.channel.Channel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A listening socket that closes what it accepts beyond a number of open connections. */
final class BoundedServerChannel extends NioServerSocketChannel {
  private static final Logger LOG = LoggerFactory.getLogger(BoundedServerChannel.class);

  private final int limit;
  private final AtomicInteger open = new AtomicInteger();

  BoundedServerChannel(int limit) {
    this.limit = limit;
  }

  @Override
  protected int doReadMessages(List<Object> accepted) throws Exception {
    int before = accepted.size();
    int read = super.doReadMessages(accepted);
    if (accepted.size() == before || !(accepted.getLast() instanceof Channel connection)) {
      return read;
    }
    if (open.incrementAndGet() > limit) {
      open.decrementAndGet();
      accepted.removeLast();
      connection.unsafe().closeForcibly();
      LOG.warn("xds connection refused: {} are open (expected: at most {})", limit, limit);
      return 0;
    }
    var unused = connection.closeFuture().addListener(closed -> open.decrementAndGet());
    return read;
  }
}
