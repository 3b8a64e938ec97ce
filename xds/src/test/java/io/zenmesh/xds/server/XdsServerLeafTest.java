package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.resource;
import static io.zenmesh.xds.server.TestMesh.snapshot;
import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.Status;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.snapshot.ResourceType;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Leaves that chain to the bundle and still are nobody. */
@Timeout(120)
class XdsServerLeafTest extends RefusalSteps {
  @Test
  void X02_twoUriNames_areRefused() throws Exception {
    IdentityFiles two =
        OddLeaf.named(ENVOY_ID, "spiffe://zen.local/cluster/edge/envoy/ingress-2")
            .issue(pki(), directory.resolve("two"));
    assertDenied(refusal(Optional.of(two)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_nulInTheName_isRefused() throws Exception {
    IdentityFiles nul = OddLeaf.named(ENVOY_ID + "\0.evil").issue(pki(), directory.resolve("nul"));
    assertThat(refusal(Optional.of(nul)).getCode())
        .isIn(Status.Code.PERMISSION_DENIED, Status.Code.UNAVAILABLE);
  }

  @Test
  void X02_wildcardName_isRefused() throws Exception {
    IdentityFiles wildcard =
        OddLeaf.named("spiffe://zen.local/cluster/edge/envoy/*")
            .issue(pki(), directory.resolve("wildcard"));
    assertDenied(
        refusal(Optional.of(wildcard)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_commonNameOnly_isRefused() throws Exception {
    IdentityFiles commonName = mesh.pki().issue(directory.resolve("cn"), Leaf.client(ENVOY_ID));
    assertDenied(
        refusal(Optional.of(commonName)), "peer: no SPIFFE id (expected: exactly one URI name)");
  }

  @Test
  void X02_authorityAsLeaf_isRefused() throws Exception {
    OddLeaf authority = new OddLeaf(List.of(ENVOY_ID), true, KeyPurposeId.id_kp_clientAuth);
    assertTlsRefused(refusal(Optional.of(authority.issue(pki(), directory.resolve("ca")))));
  }

  @Test
  void X02_serverCertificateShownByClient_isRefused() throws Exception {
    OddLeaf server = new OddLeaf(List.of(ENVOY_ID), false, KeyPurposeId.id_kp_serverAuth);
    assertTlsRefused(refusal(Optional.of(server.issue(pki(), directory.resolve("eku")))));
  }

  /** A server whose clock stands still at the end of its nodes' certificates, or before it. */
  private TestMesh meshBeforeTheEnd(IdentityFiles identity, Duration before) throws Exception {
    X509Certificate leaf = new ForcedCertificate(identity).getCertificateChain("")[0];
    Clock still = Clock.fixed(leaf.getNotAfter().toInstant().minus(before), ZoneOffset.UTC);
    TestMesh ending = new TestMesh(directory, still, Duration.ofSeconds(5), 64);
    ending.server().publish(ENVOY, snapshot(resource(ResourceType.LISTENER, "ingress", "1")));
    return ending;
  }

  @Test
  void stream_endsWithItsCertificate() throws Exception {
    IdentityFiles identity = mesh.identity(ENVOY.spiffePath());
    try (TestMesh ending = meshBeforeTheEnd(identity, Duration.ofMillis(500));
        RawNode node = ending.connect(identity, "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      node.nextAcked(ResourceType.LISTENER);
      Status status = node.end();
      assertThat(status.getCode()).isEqualTo(Status.Code.UNAUTHENTICATED);
      assertThat(status.getDescription()).isEqualTo("peer: certificate has ended");
    }
  }

  @Test
  void callAfterTheEndOfItsCertificate_isRefused() throws Exception {
    IdentityFiles identity = mesh.identity(ENVOY.spiffePath());
    try (TestMesh ended = meshBeforeTheEnd(identity, Duration.ZERO);
        RawNode node = ended.connect(identity, "ingress-1", "edge")) {
      node.subscribe(ResourceType.LISTENER);
      assertThat(node.end().getDescription())
          .isEqualTo("peer: expired (expected: a current X.509-SVID)");
    }
  }
}
