package io.zenmesh.extproc.server;

import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.epoll.EpollServerSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;

/** Where Envoy comes in, and what keeps others out. */
public sealed interface Door {
  /** What to bind. */
  NettyServerBuilder builder() throws IOException;

  /** The server accepts. */
  void opened() throws IOException;

  /** Why Envoy cannot come in although the server accepts; empty when it can. */
  Optional<String> problem();

  /** Removes what was put into the file system; idempotent. */
  void close() throws IOException;

  /**
   * A Unix socket, whose file mode (0660) lets Envoy in.
   *
   * @throws IllegalArgumentException when the path is too long
   */
  static Door socket(Path path) {
    return new Socket(new SocketFile(path));
  }

  /**
   * TCP with TLS 1.3, for clients with a certificate that chains to the bundle, has not ended and
   * carries one of the names. The identity is read when the server starts.
   *
   * @param spiffeIds exact URI names
   * @param sans exact DNS names
   * @throws IllegalArgumentException when there is no name: every certificate would be let in
   */
  static Door tls(
      InetSocketAddress address,
      IdentityFiles identity,
      Set<SpiffeId> spiffeIds,
      Set<String> sans,
      InstantSource clock) {
    return new Tls(address, identity, new AllowedClients(spiffeIds, sans, clock));
  }

  /** A Unix socket. */
  record Socket(SocketFile file) implements Door {
    @Override
    public NettyServerBuilder builder() throws IOException {
      return NettyServerBuilder.forAddress(new DomainSocketAddress(file.binding().toFile()))
          .channelType(EpollServerDomainSocketChannel.class);
    }

    @Override
    public void opened() throws IOException {
      file.publish();
    }

    @Override
    public Optional<String> problem() {
      return file.problem();
    }

    @Override
    public void close() throws IOException {
      file.remove();
    }
  }

  /** TCP with TLS. */
  record Tls(InetSocketAddress address, IdentityFiles identity, AllowedClients clients)
      implements Door {
    @Override
    public NettyServerBuilder builder() throws IOException {
      return NettyServerBuilder.forAddress(address)
          .channelType(EpollServerSocketChannel.class)
          .sslContext(MutualTls.load(identity).grpcServer())
          .intercept(clients);
    }

    @Override
    public void opened() {}

    @Override
    public Optional<String> problem() {
      return Optional.empty();
    }

    @Override
    public void close() {}
  }
}
