package io.zenmesh.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotFactoryTest {
  @Test
  void inputInAnotherOrder_givesTheSameBytes() {
    List<IngressRoute> reversed = new ArrayList<>(SampleMesh.routes());
    Collections.reverse(reversed);
    IngressNode.EgressPeer one = SampleMesh.peer("egress-1", "127.0.0.1", 1);
    IngressNode.EgressPeer two = SampleMesh.peer("egress-2", "127.0.0.1", 2);
    assertThat(versions(SampleMesh.ingress(SampleMesh.ingressNode(reversed, two, one))))
        .isEqualTo(
            versions(SampleMesh.ingress(SampleMesh.ingressNode(SampleMesh.routes(), one, two))));
    assertThat(versions(egress("ingress-2", "ingress-1")))
        .isEqualTo(versions(egress("ingress-1", "ingress-2")));
  }

  @Test
  void E06_egressWithoutIngress_hasNoListener() {
    assertThat(egress().resources(ResourceType.LISTENER)).isEmpty();
    assertThat(egress("ingress-1").resources(ResourceType.LISTENER)).containsOnlyKeys("egress");
  }

  @Test
  void bundlesThatNoDestinationNames_areLeftOut() {
    assertThat(egress("ingress-1").resources(ResourceType.SECRET))
        .containsOnlyKeys("acme/target-ca", "globex/target-ca");
  }

  @Test
  void missingBundle_isRefused() {
    assertThatThrownBy(() ->
            SampleMesh.egress(
                SampleMesh.egressNode(SampleMesh.destinations(), "ingress-1"), List.of()))
        .hasMessageContaining("trust bundle: ");
  }

  @Test
  void destinationOfAnotherTenant_isRefused() {
    Destination foreign =
        SampleMesh.destination(new Name("globex"), "d", "https://a.example", Optional.empty());
    assertThatThrownBy(() ->
            SampleMesh.egress(
                SampleMesh.egressNode(Map.of(SampleMesh.ORDERS, foreign), "ingress-1"), List.of()))
        .hasMessageContaining("expected: a destination of tenant acme");
  }

  @Test
  void twoDestinationsOfOneName_areRefused() {
    Name acme = new Name("acme");
    Destination one = SampleMesh.destination(acme, "d", "https://a.example", Optional.empty());
    Destination two = SampleMesh.destination(acme, "d", "https://b.example", Optional.empty());
    assertThatThrownBy(() ->
            SampleMesh.egress(
                SampleMesh.egressNode(
                    Map.of(SampleMesh.ORDERS, one, SampleMesh.PAYMENTS, two), "ingress-1"),
                List.of()))
        .hasMessageStartingWith("destination/acme/d: ");
  }

  @Test
  void hostThatAsksForClientCertificatesInTwoWays_isRefused() {
    for (Access other :
        List.of(
            Access.OPEN,
            access(Mtls.OPTIONAL, "secret/acme/client-ca"),
            access(Mtls.REQUIRED, "secret/globex/client-ca"))) {
      assertThatThrownBy(() ->
              routes(
                  route(SampleMesh.ORDERS, "/a", access(Mtls.REQUIRED, "secret/acme/client-ca")),
                  route(SampleMesh.PAYMENTS, "/b", other)))
          .hasMessage("client: differs on host h.test (expected: one mtls and one CA)");
    }
  }

  @Test
  void missingRootsOfClients_areRefused() {
    assertThatThrownBy(
            () -> routes(route(SampleMesh.ORDERS, "/a", access(Mtls.REQUIRED, "acme/nobody"))))
        .hasMessageStartingWith("trust bundle: acme/nobody");
  }

  @Test
  void rootsThatNoRouteNames_areLeftOut() {
    assertThat(
            SampleMesh.ingress(SampleMesh.ingressNode(SampleMesh.guardedRoutes()))
                .resources(ResourceType.SECRET))
        .containsOnlyKeys("edge-tls", "secret/acme/client-ca", "secret/globex/client-ca");
  }

  private static Access access(Mtls mtls, String ca) {
    return new Access(
        new ClientRequirement(mtls, List.of(), List.of()),
        Optional.of(ca),
        Optional.empty(),
        List.of());
  }

  private static IngressRoute route(EndpointRef endpoint, String path, Access access) {
    return new IngressRoute(endpoint, "h.test", path, false, true, access);
  }

  @Test
  void hostOfTwoTenants_isRefused() {
    assertThatThrownBy(() ->
            routes(
                new IngressRoute(SampleMesh.ORDERS, "h.test", "/a", false),
                new IngressRoute(SampleMesh.BUILDS, "h.test", "/b", false)))
        .hasMessageStartingWith("host: h.test is used by two tenants");
  }

  @Test
  void pathOrEndpointTwice_isRefused() {
    assertThatThrownBy(() ->
            routes(
                new IngressRoute(SampleMesh.ORDERS, "h.test", "/a", false),
                new IngressRoute(SampleMesh.PAYMENTS, "h.test", "/a", false)))
        .hasMessageStartingWith("path: ");
    assertThatThrownBy(() ->
            routes(
                new IngressRoute(SampleMesh.ORDERS, "h.test", "/a", false),
                new IngressRoute(SampleMesh.ORDERS, "h.test", "/b", false)))
        .hasMessageStartingWith("route: ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "*", "*.test", "h.*", "H.test", "h.test:443", "h.test.", ".test", "h test"})
  void E07_hostThatWouldMatchOthers_isRefused(String host) {
    assertThatThrownBy(() -> routes(new IngressRoute(SampleMesh.ORDERS, host, "/a", false)))
        .hasMessageStartingWith("host: ");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "a", "/a?b", "/a#b", "/a b", "/ä", "/a\n"})
  void E07_pathThatIsNone_isRefused(String path) {
    assertThatThrownBy(() -> routes(new IngressRoute(SampleMesh.ORDERS, "h.test", path, false)))
        .hasMessageStartingWith("path: ");
  }

  @Test
  void certificateOfAnotherName_isRefused() {
    try (ContentVersion versions = SampleMesh.versions()) {
      SnapshotFactory factory = new SnapshotFactory(versions);
      TlsIdentity other = new TlsIdentity("other", "chain", SecretBytes.takeOver(new byte[] {'k'}));
      assertThatThrownBy(() -> factory.ingress(SampleMesh.ingressNode(List.of()), other))
          .hasMessageStartingWith("certificate: other");
    }
  }

  @Test
  void socketPathThatNoSocketCanHave_isRefused() {
    IngressNode node = SampleMesh.ingressNode(List.of());
    for (String path : List.of("relative.sock", "/" + "x".repeat(107))) {
      IngressNode broken =
          new IngressNode(
              node.node(),
              new HostPort("127.0.0.1", 1),
              node.certificateSecret(),
              path,
              List.of(),
              List.of());
      assertThatThrownBy(() -> SampleMesh.ingress(broken)).hasMessageStartingWith("socket: ");
    }
  }

  @Test
  void endpointNames_areTheRouteNames() {
    assertThat(SampleMesh.processor(SampleMesh.policies(), SampleMesh.keys()))
        .satisfies(snapshot -> {
          assertThat(snapshot.resources(ResourceType.POLICY))
              .containsOnlyKeys("acme/orders", "globex/builds", "globex/trial");
          assertThat(snapshot.resources(ResourceType.KEYS))
              .containsOnlyKeys("acme/orders", "globex/builds", "globex/trial");
        });
    assertThat(EndpointRef.parse("acme/orders")).isEqualTo(SampleMesh.ORDERS);
  }

  private static NodeSnapshot egress(String... ingress) {
    return SampleMesh.egress(
        SampleMesh.egressNode(SampleMesh.destinations(), ingress), SampleMesh.bundles());
  }

  private static NodeSnapshot routes(IngressRoute... routes) {
    return SampleMesh.ingress(SampleMesh.ingressNode(List.of(routes)));
  }

  private static List<String> versions(NodeSnapshot snapshot) {
    List<String> versions = new ArrayList<>();
    for (ResourceType type : ResourceType.values()) {
      snapshot.resources(type).values().stream().map(Resource::toString).forEach(versions::add);
    }
    return versions;
  }
}
