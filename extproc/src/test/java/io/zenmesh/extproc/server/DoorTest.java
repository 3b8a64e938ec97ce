package io.zenmesh.extproc.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DoorTest {
  private static final SpiffeId PROCESSOR = new SpiffeId("zen.test", "/extproc");
  private static final SpiffeId ENVOY = new SpiffeId("zen.test", "/envoy");

  @TempDir private Path directory;

  private IdentityFiles issue(Path folder, Leaf leaf) {
    return DevPki.openOrCreate(directory.resolve("pki"), "zen.test", Clock.systemUTC())
        .issue(directory.resolve(folder), leaf);
  }

  @Test
  void F05_tlsDoor_letsInTheNamedClientOnly() throws Exception {
    IdentityFiles envoy = issue(Path.of("envoy"), Leaf.workload("/envoy"));
    IdentityFiles other = issue(Path.of("other"), Leaf.workload("/other"));
    IdentityFiles own = issue(Path.of("extproc"), Leaf.workload("/extproc"));
    Door door =
        Door.tls(
            new InetSocketAddress("127.0.0.1", 0), own, Set.of(ENVOY), Set.of(), Clock.systemUTC());
    MultiThreadIoEventLoopGroup loops =
        new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    NettyServerBuilder builder = door.builder();
    var server =
        builder
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .directExecutor()
            .addService(new HealthStatusManager().getHealthService())
            .build()
            .start();
    try {
      assertThat(status(server.getPort(), envoy)).isEqualTo(Status.Code.OK);
      assertThat(status(server.getPort(), other)).isEqualTo(Status.Code.PERMISSION_DENIED);
    } finally {
      server.shutdownNow();
      loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    }
  }

  private static Status.Code status(int port, IdentityFiles identity) throws IOException {
    ManagedChannel channel =
        NettyChannelBuilder.forAddress("127.0.0.1", port)
            .sslContext(MutualTls.load(identity).grpcClient(PROCESSOR))
            .build();
    try {
      var unused =
          HealthGrpc.newBlockingStub(channel)
              .withDeadlineAfter(Duration.ofSeconds(10))
              .check(HealthCheckRequest.getDefaultInstance());
      return Status.Code.OK;
    } catch (StatusRuntimeException e) {
      return e.getStatus().getCode();
    } finally {
      channel.shutdownNow();
    }
  }

  @Test
  void allowedClient_isOneOfTheNames_andHasNotEnded() throws Exception {
    X509Certificate envoy = leaf(issue(Path.of("envoy"), Leaf.workload("/envoy")));
    X509Certificate named = leaf(issue(Path.of("named"), Leaf.server("named", "envoy.zen.svc")));
    Instant now = Clock.systemUTC().instant();
    AllowedClients clients = new AllowedClients(Set.of(ENVOY), Set.of("envoy.zen.svc"), () -> now);
    assertThat(clients.allowed(envoy)).isTrue();
    assertThat(clients.allowed(named)).isTrue();
    assertThat(new AllowedClients(Set.of(PROCESSOR), Set.of("zen.svc"), () -> now).allowed(envoy))
        .isFalse();
    assertThat(new AllowedClients(Set.of(PROCESSOR), Set.of("zen.svc"), () -> now).allowed(named))
        .isFalse();
    Instant end = envoy.getNotAfter().toInstant();
    assertThat(new AllowedClients(Set.of(ENVOY), Set.of(), () -> end).allowed(envoy)).isFalse();
    assertThat(new AllowedClients(Set.of(ENVOY), Set.of(), () -> end.minusMillis(1)).allowed(envoy))
        .isTrue();
  }

  @Test
  void noNames_areRefused() {
    assertThatThrownBy(() -> new AllowedClients(Set.of(), Set.of(), Clock.systemUTC()))
        .hasMessage("clients: none (expected: at least one name)");
  }

  private static X509Certificate leaf(IdentityFiles files)
      throws IOException, CertificateException {
    return (X509Certificate)
        CertificateFactory.getInstance("X.509")
            .generateCertificate(
                new ByteArrayInputStream(Files.readAllBytes(files.certificateChain())));
  }
}
