package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.EXTPROC;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.grpc.netty.GrpcSslContexts;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A mesh with something to steal, and attempts to connect to it. */
abstract class RefusalSteps {
  static final String ENVOY_ID = "spiffe://zen.local" + ENVOY.spiffePath();

  @TempDir Path directory;
  TestMesh mesh;

  @BeforeEach
  void start() throws Exception {
    mesh = new TestMesh(directory);
    NodeSnapshot all =
        snapshot(
            resource(ResourceType.LISTENER, "ingress", "1"),
            resource(ResourceType.SECRET, "edge-tls", "1"),
            resource(ResourceType.KEYS, "acme/zen", "1"));
    mesh.server().publish(ENVOY, all);
    mesh.server().publish(EXTPROC, all);
  }

  @AfterEach
  void stop() {
    mesh.close();
  }

  Path pki() {
    return directory.resolve("pki");
  }

  SslContext tls(Optional<IdentityFiles> shown, String protocol) throws Exception {
    SslContextBuilder builder =
        SslContextBuilder.forClient().trustManager(pki().resolve("root.pem").toFile());
    if (shown.isPresent()) {
      builder.keyManager(new ForcedCertificate(shown.get()));
    }
    return GrpcSslContexts.configure(builder, SslProvider.JDK).protocols(protocol).build();
  }

  Status refusal(Optional<IdentityFiles> shown) throws Exception {
    return refusal(tls(shown, "TLSv1.3"), "ingress-1", "edge", ResourceType.LISTENER);
  }

  Status refusal(SslContext tls, String id, String cluster, ResourceType type) throws Exception {
    try (RawNode node = new RawNode(mesh.port(), tls, id, cluster)) {
      node.subscribe(type);
      Status status = node.end();
      node.expectSilence();
      assertThat(mesh.server().status()).noneMatch(NodeStatus::connected);
      return status;
    }
  }

  static void assertTlsRefused(Status status) {
    assertThat(status.getCode()).isEqualTo(Status.Code.UNAVAILABLE);
  }

  static void assertDenied(Status status, String text) {
    assertThat(status.getCode()).isEqualTo(Status.Code.PERMISSION_DENIED);
    assertThat(status.getDescription()).isEqualTo(text);
  }

  Status refusedNode(NodeId node, String id, String cluster, ResourceType type) throws Exception {
    SslContext tls = MutualTls.load(mesh.identity(node.spiffePath())).grpcClient(TestMesh.SERVER);
    return refusal(tls, id, cluster, type);
  }
}
