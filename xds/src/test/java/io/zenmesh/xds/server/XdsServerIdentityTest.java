package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static org.assertj.core.api.Assertions.assertThat;

import io.netty.handler.ssl.SslContext;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.snapshot.ResourceType;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may connect: each wrong identity is refused in its own way, and no byte is answered. */
@Timeout(120)
class XdsServerIdentityTest extends RefusalSteps {
  @Test
  void X01_rightIdentity_isServed() throws Exception {
    IdentityFiles right = mesh.identity(ENVOY.spiffePath());
    try (RawNode node =
        new RawNode(mesh.port(), tls(Optional.of(right), "TLSv1.3"), "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      assertThat(node.nextAcked(ResourceType.LISTENER).getResourcesCount()).isEqualTo(1);
    }
  }

  @Test
  void X01_noCertificate_isRefused() throws Exception {
    assertTlsRefused(refusal(Optional.empty()));
  }

  @Test
  void X01_plaintext_isRefused() throws Exception {
    try (Socket socket = new Socket("127.0.0.1", mesh.port())) {
      socket.setSoTimeout(10_000);
      socket
          .getOutputStream()
          .write("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
      // A TLS alert (21) or nothing; never an HTTP/2 settings frame.
      assertThat(socket.getInputStream().read()).isIn(-1, 21);
    }
  }

  @Test
  void X01_tls12_isRefused() throws Exception {
    SslContext old = tls(Optional.of(mesh.identity(ENVOY.spiffePath())), "TLSv1.2");
    assertTlsRefused(refusal(old, "ingress-1", "edge", ResourceType.LISTENER));
  }

  @Test
  void X01_otherAuthority_isRefused() throws Exception {
    DevPki other = DevPki.openOrCreate(directory.resolve("other"), "zen.local", Clock.systemUTC());
    assertTlsRefused(
        refusal(
            Optional.of(
                other.issue(directory.resolve("stranger"), Leaf.workload(ENVOY.spiffePath())))));
  }

  @Test
  void X01_expiredCertificate_isRefused() throws Exception {
    Leaf leaf = Leaf.workload(ENVOY.spiffePath()).lasting(Duration.ofSeconds(-1));
    assertTlsRefused(refusal(Optional.of(mesh.pki().issue(directory.resolve("expired"), leaf))));
  }

  @Test
  void X01_foreignTrustDomain_isRefused() throws Exception {
    DevPki foreign = DevPki.openOrCreate(pki(), "evil.local", Clock.systemUTC());
    assertDenied(
        refusal(
            Optional.of(
                foreign.issue(directory.resolve("foreign"), Leaf.workload(ENVOY.spiffePath())))),
        "peer: foreign (expected: trust domain zen.local)");
  }

  @Test
  void X01_identityThatIsNoNode_isRefused() throws Exception {
    assertDenied(
        refusal(Optional.of(mesh.identity("/operator/alice"))),
        "peer: not a node (expected: /cluster/<cluster>/<envoy|extproc>/<name>)");
  }

  @Test
  void X01_processorAskingForListeners_isRefused() throws Exception {
    assertDenied(
        refusedNode(EXTPROC, "ingress-1", "edge", ResourceType.LISTENER),
        "type: LISTENER (expected: one that role EXTPROC may read)");
  }

  @Test
  void X01_processorAskingForSecrets_isRefused() throws Exception {
    assertDenied(
        refusedNode(EXTPROC, "ingress-1", "edge", ResourceType.SECRET),
        "type: SECRET (expected: one that role EXTPROC may read)");
  }

  @Test
  void X01_envoyAskingForKeys_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-1", "edge", ResourceType.KEYS),
        "type: KEYS (expected: one that role ENVOY may read)");
  }

  @Test
  void X01_nodeIdOfAnother_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-2", "edge", ResourceType.LISTENER),
        "node.id: not the certificate's (expected: ingress-1)");
  }

  @Test
  void X01_clusterOfAnother_isRefused() throws Exception {
    assertDenied(
        refusedNode(ENVOY, "ingress-1", "other", ResourceType.LISTENER),
        "node.cluster: not the certificate's (expected: edge)");
  }
}
