package io.zenmesh.controlplane;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LinterCheckTest {
  private static final EndpointRef ORDERS = EndpointRef.parse("acme/orders");

  @Test
  void E14_hiddenResponse_isAFinding_forTwoPhaseSchemesOnly() {
    assertThat(findings("zen", false)).isEmpty();
    assertThat(findings("github", true)).isEmpty();
    assertThat(findings("github", false))
        .singleElement()
        .asString()
        .contains("acme/orders hides the response");
  }

  private static List<String> findings(String scheme, boolean shown) {
    IngressNode node =
        new IngressNode(
            new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("ingress-1")),
            new HostPort("127.0.0.1", 18443),
            "edge-tls",
            "/run/zen/extproc.sock",
            List.of(
                new IngressNode.EgressPeer(
                    new HostPort("127.0.0.1", 18543),
                    "spiffe://zen.local/cluster/edge/envoy/egress-1")),
            List.of(new IngressRoute(ORDERS, "hooks.acme.test", "/acme/orders", shown)));
    EndpointPolicy policy =
        new EndpointPolicy(
            ORDERS,
            scheme,
            Optional.empty(),
            1024,
            Optional.empty(),
            OnDuplicate.REFUSE,
            OnStoreLoss.REFUSE);
    try (ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]))) {
      SnapshotFactory factory = new SnapshotFactory(versions);
      TlsIdentity certificate =
          new TlsIdentity(
              "edge-tls", "a chain, PEM\n", SecretBytes.takeOver("not a key\n".getBytes(UTF_8)));
      return new LinterCheck(Catalogue.bundled())
          .findings(
              factory.ingress(node, certificate), factory.processor(List.of(policy), List.of()));
    }
  }
}
