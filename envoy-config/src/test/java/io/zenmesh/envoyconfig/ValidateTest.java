package io.zenmesh.envoyconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.resource.Bootstrap;
import io.zenmesh.xds.resource.StaticConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ValidateTest {
  private final EnvoyBinary envoy = EnvoyBinary.find();
  @TempDir private Path directory;

  @BeforeEach
  void issueIdentities() {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    pki.issue(identity(ExampleMesh.INGRESS), Leaf.workload(ExampleMesh.INGRESS.spiffePath()));
    pki.issue(
        identity(ExampleMesh.INGRESS).resolve(ExampleMesh.CERTIFICATE),
        Leaf.server("edge", "hooks.acme.test", "hooks.globex.test"));
    pki.issue(identity(ExampleMesh.EGRESS), Leaf.workload(ExampleMesh.EGRESS.spiffePath()));
  }

  @Test
  void bootstrap_ofAnIngress_isValid() throws IOException {
    assertThat(complaint(Bootstrap.render(spec(ExampleMesh.INGRESS)))).isEmpty();
  }

  @Test
  void staticIngress_isValid() throws IOException {
    String text =
        StaticConfig.render(
            ExampleMesh.ingress(ExampleMesh.ingressNode(18443, "/run/zen/extproc.sock", 18543)),
            spec(ExampleMesh.INGRESS));
    assertThat(complaint(text)).isEmpty();
    assertThat(text).doesNotContain("BEGIN PRIVATE KEY");
  }

  @Test
  void staticIngress_withClientHosts_isValid() throws IOException {
    String roots = Files.readString(directory.resolve("pki/root.pem"));
    String text =
        StaticConfig.render(
            ExampleMesh.ingress(
                ExampleMesh.guardedIngressNode(18443, "/run/zen/extproc.sock", 18543),
                List.of(new TrustBundle(ExampleMesh.CLIENT_CA, roots))),
            spec(ExampleMesh.INGRESS));
    assertThat(complaint(text)).isEmpty();
    assertThat(text).contains("ingress/hooks.acme.test", "require_client_certificate: true");
  }

  @Test
  void staticAuthorization_isValid() throws IOException {
    String text =
        StaticConfig.render(
            ExampleMesh.ingressByAuthorization(
                ExampleMesh.ingressNode(18443, "/run/zen/extproc.sock", 18543)),
            spec(ExampleMesh.INGRESS));
    assertThat(complaint(text)).isEmpty();
    assertThat(text).doesNotContain("ext_proc").contains("zen.endpoint: \"acme/orders\"");
  }

  @Test
  void staticEgress_isValid() throws IOException {
    String roots = Files.readString(directory.resolve("pki/root.pem"));
    String text =
        StaticConfig.render(
            ExampleMesh.egress(
                ExampleMesh.egressNode(
                    18543, URI.create("https://orders.acme.example/in"), Optional.of("acme/ca")),
                List.of(new TrustBundle("acme/ca", roots))),
            spec(ExampleMesh.EGRESS));
    assertThat(complaint(text)).isEmpty();
  }

  @Test
  void envoy_complainsAboutAnUnknownField() throws IOException {
    assertThat(complaint(Bootstrap.render(spec(ExampleMesh.INGRESS)) + "no_such_field: true\n"))
        .hasValueSatisfying(output -> assertThat(output).contains("no_such_field"));
  }

  private Optional<String> complaint(String text) throws IOException {
    return envoy.complaint(Files.writeString(directory.resolve("envoy.yaml"), text));
  }

  private Bootstrap.Spec spec(NodeId node) {
    return ExampleMesh.spec(node, identity(node), Path.of("/tmp/zen-admin-unused.sock"));
  }

  private Path identity(NodeId node) {
    return directory.resolve(node.name().value());
  }
}
