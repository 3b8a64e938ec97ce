package io.zenmesh.xds.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class MutualTlsTest {
  private static final SpiffeId SERVER = new SpiffeId("zen.local", "/control-plane");
  private static final String CLIENT_PATH = "/cluster/edge/extproc/ingress-1";

  @TempDir Path directory;
  private DevPki pki;
  private IdentityFiles server;
  private IdentityFiles client;

  @BeforeEach
  void issue() {
    pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    // No DNS name, no IP address: names are not what peers are known by.
    Leaf nameless =
        new Leaf(
            "cp", Optional.of(SERVER.path()), List.of(), List.of(), Leaf.workload("/x").lifetime());
    server = pki.issue(directory.resolve("server"), nameless);
    client = pki.issue(directory.resolve("client"), Leaf.workload(CLIENT_PATH));
  }

  /** What the server learns of its client; the failure of either side is thrown. */
  private static Optional<SpiffeId> handshake(
      SSLContext serverSide, SSLContext clientSide, boolean need) throws Exception {
    try (SSLServerSocket listening =
            (SSLServerSocket)
                serverSide
                    .getServerSocketFactory()
                    .createServerSocket(0, 1, InetAddress.getLoopbackAddress());
        SSLSocket connecting = (SSLSocket) clientSide.getSocketFactory().createSocket()) {
      listening.setNeedClientAuth(need);
      if (!need) {
        listening.setWantClientAuth(true);
      }
      CompletableFuture<Optional<SpiffeId>> seen =
          CompletableFuture.supplyAsync(() -> accept(listening));
      connecting.connect(listening.getLocalSocketAddress());
      connecting.getOutputStream().write(1);
      assertThat(connecting.getSession().getProtocol()).isEqualTo("TLSv1.3");
      // The client learns only here whether its certificate was taken.
      assertThat(connecting.getInputStream().read()).isEqualTo(2);
      return seen.get(10, TimeUnit.SECONDS);
    }
  }

  private static Optional<SpiffeId> accept(SSLServerSocket listening) {
    try (SSLSocket accepted = (SSLSocket) listening.accept()) {
      accepted.getInputStream().read();
      accepted.getOutputStream().write(2);
      return SpiffeId.ofLeaf((X509Certificate) accepted.getSession().getPeerCertificates()[0]);
    } catch (SSLPeerUnverifiedException anonymous) {
      return Optional.empty();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void bothSides_knowEachOther_withoutHostNames() throws Exception {
    assertThat(
            handshake(MutualTls.load(server).server(), MutualTls.load(client).client(SERVER), true))
        .contains(new SpiffeId("zen.local", CLIENT_PATH));
  }

  @Test
  void X01_serverWithAnotherId_isRefused() throws Exception {
    SSLContext expectsOther =
        MutualTls.load(client).client(new SpiffeId("zen.local", "/control-plane-2"));
    assertThatThrownBy(() -> handshake(MutualTls.load(server).server(), expectsOther, true))
        .isInstanceOf(SSLException.class)
        .hasMessageContaining(
            "peer: spiffe://zen.local/control-plane (expected: spiffe://zen.local/control-plane-2)");
  }

  @Test
  void X01_serverOfAnotherAuthority_isRefused() throws Exception {
    DevPki other = DevPki.openOrCreate(directory.resolve("other"), "zen.local", Clock.systemUTC());
    IdentityFiles impostor =
        other.issue(directory.resolve("impostor"), Leaf.workload(SERVER.path()));
    SSLContext honest = MutualTls.load(client).client(SERVER);
    assertThatThrownBy(() -> handshake(MutualTls.load(impostor).server(), honest, true))
        .isInstanceOf(SSLException.class);
  }

  @Test
  void X01_clientOfAnotherAuthority_isRefused() throws Exception {
    DevPki other = DevPki.openOrCreate(directory.resolve("other"), "zen.local", Clock.systemUTC());
    IdentityFiles stranger = other.issue(directory.resolve("stranger"), Leaf.workload(CLIENT_PATH));
    Files.copy(client.trustBundle(), stranger.trustBundle(), StandardCopyOption.REPLACE_EXISTING);
    SSLContext strange = MutualTls.load(stranger).client(SERVER);
    assertThatThrownBy(() -> handshake(MutualTls.load(server).server(), strange, true))
        .isInstanceOf(IOException.class);
  }

  @Test
  void keyOfAnotherLeaf_isRefusedByName() throws Exception {
    Files.copy(server.privateKey(), client.privateKey(), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> MutualTls.load(client))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("key.pem: another key (expected: that of the leaf)");
  }

  @Test
  void malformedFiles_areRefusedByName_withoutTheirContent() throws Exception {
    Files.writeString(
        client.privateKey(), "-----BEGIN PRIVATE KEY-----\nCANARY!\n-----END PRIVATE KEY-----\n");
    assertThatThrownBy(() -> MutualTls.load(client))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("key.pem")
        .satisfies(e -> assertThat(e.toString() + e.getCause()).doesNotContain("CANARY"));
    Files.writeString(client.privateKey(), "nothing");
    assertThatThrownBy(() -> MutualTls.load(client)).hasMessageContaining("PKCS#8 PEM");
    Files.writeString(client.certificateChain(), "");
    assertThatThrownBy(() -> MutualTls.load(client)).hasMessageContaining("svid.pem: empty");
    Files.delete(client.certificateChain());
    assertThatThrownBy(() -> MutualTls.load(client)).hasMessageContaining("svid.pem");
  }
}
