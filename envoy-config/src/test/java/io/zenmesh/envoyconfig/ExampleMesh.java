package io.zenmesh.envoyconfig;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.RateLimit;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.resource.AuthorizationDoor;
import io.zenmesh.xds.resource.Bootstrap;
import io.zenmesh.xds.resource.SnapshotFactory;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The mesh of the examples: two tenants, one ingress and one egress Envoy. */
final class ExampleMesh {
  static final String CERTIFICATE = "edge-tls";
  static final String CLIENT_CA = "secret/acme/client-ca";
  static final Name CLUSTER = new Name("edge-local");
  static final NodeId INGRESS = new NodeId(CLUSTER, NodeRole.ENVOY, new Name("ingress-1"));
  static final NodeId EGRESS = new NodeId(CLUSTER, NodeRole.ENVOY, new Name("egress-1"));
  static final EndpointRef ORDERS = EndpointRef.parse("acme/orders");
  static final EndpointRef PAYMENTS = EndpointRef.parse("acme/payments");
  static final EndpointRef BUILDS = EndpointRef.parse("globex/builds");

  private static final String TRUST_DOMAIN = "spiffe://zen.local";

  private ExampleMesh() {}

  static IngressNode ingressNode(int port, String processorSocket, int egressPort) {
    return new IngressNode(
        INGRESS,
        new HostPort("127.0.0.1", port),
        CERTIFICATE,
        processorSocket,
        List.of(
            new IngressNode.EgressPeer(
                new HostPort("127.0.0.1", egressPort), TRUST_DOMAIN + EGRESS.spiffePath())),
        List.of(
            new IngressRoute(ORDERS, "hooks.acme.test", "/acme/orders", false),
            new IngressRoute(PAYMENTS, "hooks.acme.test", "/acme/payments", true),
            new IngressRoute(BUILDS, "hooks.globex.test", "/globex/builds", true)));
  }

  /** The same node, whose first host asks for client certificates, with every access filter. */
  static IngressNode guardedIngressNode(int port, String processorSocket, int egressPort) {
    IngressNode open = ingressNode(port, processorSocket, egressPort);
    List<IngressRoute> routes =
        open.routes().stream()
            .map(route ->
                new IngressRoute(
                    route.endpoint(),
                    route.host(),
                    route.path(),
                    route.outcomeNeeded(),
                    route.enforce(),
                    access(route)))
            .toList();
    return new IngressNode(
        open.node(),
        open.listen(),
        open.certificateSecret(),
        open.processorSocket(),
        open.egress(),
        routes);
  }

  private static Access access(IngressRoute route) {
    ClientRequirement client =
        new ClientRequirement(
            route.host().equals("hooks.acme.test") ? Mtls.REQUIRED : Mtls.OPTIONAL,
            List.of("spiffe://sender.test/ci"),
            List.of("ci.sender.test"));
    return new Access(
        client,
        Optional.of(CLIENT_CA),
        Optional.of(new RateLimit(50, RateLimit.Per.SECOND, 100)),
        List.of(
            Cidr.parse("192.0.2.0/24").orElseThrow(), Cidr.parse("2001:db8::/32").orElseThrow()));
  }

  static EgressNode egressNode(int port, URI ordersTarget, Optional<String> bundle) {
    return new EgressNode(
        EGRESS,
        new HostPort("127.0.0.1", port),
        List.of(TRUST_DOMAIN + INGRESS.spiffePath()),
        Map.of(
            ORDERS,
            new Destination(new Name("acme"), new Name("orders"), ordersTarget, bundle),
            PAYMENTS,
            new Destination(
                new Name("acme"),
                new Name("payments"),
                URI.create("https://payments.acme.example"),
                Optional.empty()),
            BUILDS,
            new Destination(
                new Name("globex"),
                new Name("builds"),
                URI.create("https://ci.globex.example:8443/hooks/"),
                Optional.empty())));
  }

  static NodeSnapshot ingress(IngressNode node) {
    return ingress(node, List.of());
  }

  static NodeSnapshot ingress(IngressNode node, List<TrustBundle> bundles) {
    try (ContentVersion versions = versions()) {
      // StaticConfig reads the key from a file, so none is needed here.
      return new SnapshotFactory(versions)
          .ingress(
              node,
              new TlsIdentity(CERTIFICATE, "unused", SecretBytes.takeOver(new byte[] {'-'})),
              bundles);
    }
  }

  /** The same ingress, asking through ext_authz. */
  static NodeSnapshot ingressByAuthorization(IngressNode node) {
    try (ContentVersion versions = versions()) {
      return AuthorizationDoor.of(ingress(node), versions);
    }
  }

  static NodeSnapshot egress(EgressNode node, List<TrustBundle> bundles) {
    try (ContentVersion versions = versions()) {
      return new SnapshotFactory(versions).egress(node, bundles);
    }
  }

  static Bootstrap.Spec spec(NodeId node, Path identity, Path adminSocket) {
    return new Bootstrap.Spec(
        node,
        new HostPort("127.0.0.1", 18000),
        TRUST_DOMAIN + "/control-plane",
        new IdentityFiles(identity),
        adminSocket);
  }

  private static ContentVersion versions() {
    return new ContentVersion(SecretBytes.takeOver(new byte[32]));
  }
}
