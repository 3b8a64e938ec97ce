package io.zenmesh.xds.resource;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressNode.EgressPeer;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.model.RateLimit;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.model.TrustBundle;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.secret.VerificationKey;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A small mesh of two tenants, with secrets that are obviously none. */
public final class SampleMesh {
  public static final EndpointRef ORDERS = EndpointRef.parse("acme/orders");
  public static final EndpointRef PAYMENTS = EndpointRef.parse("acme/payments");
  public static final EndpointRef BUILDS = EndpointRef.parse("globex/builds");

  public static final EndpointRef OPEN = EndpointRef.parse("globex/open");

  public static final ClientRequirement ORDERS_CLIENT =
      new ClientRequirement(
          Mtls.REQUIRED, List.of("spiffe://acme.example/sender"), List.of("sender.acme.example"));
  public static final ClientRequirement BUILDS_CLIENT =
      new ClientRequirement(Mtls.OPTIONAL, List.of("spiffe://globex.example/ci"), List.of());

  /** In dry run. */
  public static final EndpointRef TRIAL = EndpointRef.parse("globex/trial");

  private static final String MESH = "spiffe://zen.local/cluster/edge-local/envoy/";
  private static final Name CLUSTER = new Name("edge-local");
  private static final Name ACME = new Name("acme");
  private static final Name GLOBEX = new Name("globex");

  private SampleMesh() {}

  public static IngressNode ingressNode(List<IngressRoute> routes, EgressPeer... egress) {
    return new IngressNode(
        new NodeId(CLUSTER, NodeRole.ENVOY, new Name("ingress-1")),
        new HostPort("127.0.0.1", 18443),
        "edge-tls",
        "/run/zen/extproc.sock",
        List.of(egress),
        routes);
  }

  public static EgressPeer peer(String name, String host, int port) {
    return new EgressPeer(new HostPort(host, port), MESH + name);
  }

  public static List<IngressRoute> routes() {
    return List.of(
        new IngressRoute(ORDERS, "hooks.acme.test", "/acme/orders", false),
        new IngressRoute(PAYMENTS, "hooks.acme.test", "/acme/payments", true),
        new IngressRoute(BUILDS, "hooks.globex.test", "/globex/builds", true),
        new IngressRoute(TRIAL, "hooks.globex.test", "/globex/trial", false, false));
  }

  /** Routes that ask for client certificates, name networks or limit the rate. */
  public static List<IngressRoute> guardedRoutes() {
    return List.of(
        new IngressRoute(
            ORDERS,
            "mtls.acme.test",
            "/acme/orders",
            false,
            true,
            new Access(
                ORDERS_CLIENT,
                Optional.of("secret/acme/client-ca"),
                Optional.of(new RateLimit(50, RateLimit.Per.SECOND, 100)),
                List.of(network("192.0.2.0/24"), network("2001:db8::/32")))),
        new IngressRoute(
            PAYMENTS,
            "mtls.acme.test",
            "/acme/payments",
            true,
            true,
            new Access(
                new ClientRequirement(Mtls.REQUIRED, List.of(), List.of()),
                Optional.of("secret/acme/client-ca"),
                Optional.empty(),
                List.of())),
        new IngressRoute(
            BUILDS,
            "maybe.globex.test",
            "/globex/builds",
            true,
            true,
            new Access(
                BUILDS_CLIENT,
                Optional.of("secret/globex/client-ca"),
                Optional.of(new RateLimit(7, RateLimit.Per.MINUTE, 1)),
                List.of())),
        new IngressRoute(
            OPEN,
            "hooks.globex.test",
            "/globex/open",
            false,
            true,
            new Access(
                ClientRequirement.NONE,
                Optional.empty(),
                Optional.of(new RateLimit(1, RateLimit.Per.SECOND, 5)),
                List.of(network("10.0.0.0/8")))));
  }

  public static Cidr network(String text) {
    return Cidr.parse(text).orElseThrow();
  }

  public static List<TrustBundle> clientBundles() {
    return List.of(
        new TrustBundle("secret/acme/client-ca", "roots of acme's clients, PEM\n"),
        new TrustBundle("secret/globex/client-ca", "roots of globex's clients, PEM\n"),
        new TrustBundle("secret/initech/client-ca", "named by no route\n"));
  }

  public static EgressNode egressNode(
      Map<EndpointRef, Destination> routes, String... ingressNames) {
    return new EgressNode(
        new NodeId(CLUSTER, NodeRole.ENVOY, new Name("egress-1")),
        new HostPort("127.0.0.1", 18543),
        List.of(ingressNames).stream().map(name -> MESH + name).toList(),
        routes,
        Set.of(TRIAL));
  }

  public static Map<EndpointRef, Destination> destinations() {
    return Map.of(
        ORDERS,
        destination(
            ACME, "orders", "https://localhost:19443/orders", Optional.of("acme/target-ca")),
        PAYMENTS,
        destination(ACME, "payments", "https://payments.acme.example", Optional.empty()),
        BUILDS,
        destination(GLOBEX, "builds", "https://192.0.2.7/hooks", Optional.of("globex/target-ca")),
        TRIAL,
        destination(GLOBEX, "builds", "https://192.0.2.7/hooks", Optional.of("globex/target-ca")));
  }

  public static Destination destination(
      Name tenant, String name, String url, Optional<String> bundle) {
    return new Destination(tenant, new Name(name), URI.create(url), bundle);
  }

  public static List<TrustBundle> bundles() {
    return List.of(
        new TrustBundle("acme/target-ca", "roots of acme's target, PEM\n"),
        new TrustBundle("globex/target-ca", "roots of globex's target, PEM\n"),
        new TrustBundle("initech/target-ca", "named by no destination\n"));
  }

  /** The policies of {@link #guardedRoutes}. */
  public static List<EndpointPolicy> guardedPolicies() {
    return List.of(
        policy(ORDERS, "zen", ORDERS_CLIENT),
        policy(PAYMENTS, "github", new ClientRequirement(Mtls.REQUIRED, List.of(), List.of())),
        policy(BUILDS, "github", BUILDS_CLIENT),
        policy(OPEN, "zen", ClientRequirement.NONE));
  }

  public static EndpointPolicy policy(EndpointRef ref, String scheme, ClientRequirement client) {
    return new EndpointPolicy(
        ref,
        scheme,
        Optional.empty(),
        1024 * 1024,
        Optional.empty(),
        OnDuplicate.REFUSE,
        OnStoreLoss.REFUSE,
        true,
        SchemeSettings.NONE,
        client);
  }

  public static List<EndpointPolicy> policies() {
    return List.of(
        new EndpointPolicy(
            ORDERS,
            "zen",
            Optional.of(Duration.ofSeconds(300)),
            1024 * 1024,
            Optional.of("https://hooks.acme.test/acme/orders"),
            OnDuplicate.REFUSE,
            OnStoreLoss.REFUSE),
        new EndpointPolicy(
            BUILDS,
            "github",
            Optional.empty(),
            2048,
            Optional.empty(),
            OnDuplicate.ACKNOWLEDGE,
            OnStoreLoss.ACCEPT),
        new EndpointPolicy(
            TRIAL,
            "own",
            Optional.empty(),
            2048,
            Optional.empty(),
            OnDuplicate.REFUSE,
            OnStoreLoss.REFUSE,
            false,
            new SchemeSettings(
                Optional.of("name: own\n"),
                List.of("arn:aws:sns:eu-west-1:123456789012:orders"),
                true,
                Optional.of(Instant.parse("2026-11-24T12:00:00Z")),
                List.of("eventgrid.azure.net")),
            ClientRequirement.NONE));
  }

  public static List<EndpointKeys> keys() {
    return List.of(
        new EndpointKeys(
            ORDERS,
            List.of(
                key("acme.edge-local.1", Optional.of(Instant.parse("2026-12-01T00:00:00Z"))),
                key("acme.edge-local.2", Optional.empty()))),
        new EndpointKeys(BUILDS, List.of(key("globex.builds.1", Optional.empty()))),
        new EndpointKeys(
            TRIAL,
            List.of(key("globex.trial.1", Optional.empty())),
            Optional.of(SecretBytes.takeOver("not a token".getBytes(UTF_8)))));
  }

  private static VerificationKey key(String id, Optional<Instant> notAfter) {
    return new VerificationKey(
        id,
        Instant.parse("2026-11-01T00:00:00Z"),
        notAfter,
        SecretBytes.takeOver(("not a secret: " + id).getBytes(UTF_8)));
  }

  public static NodeSnapshot ingress(IngressNode node) {
    try (ContentVersion versions = versions()) {
      return new SnapshotFactory(versions)
          .ingress(
              node,
              new TlsIdentity(
                  node.certificateSecret(),
                  "a certificate chain, PEM\n",
                  SecretBytes.takeOver("not a key\n".getBytes(UTF_8))),
              clientBundles());
    }
  }

  public static NodeSnapshot egress(EgressNode node, Collection<TrustBundle> bundles) {
    try (ContentVersion versions = versions()) {
      return new SnapshotFactory(versions).egress(node, bundles);
    }
  }

  public static NodeSnapshot processor(
      Collection<EndpointPolicy> policies, Collection<EndpointKeys> keys) {
    try (ContentVersion versions = versions()) {
      return new SnapshotFactory(versions).processor(policies, keys);
    }
  }

  /** Under a key that is all zeroes. */
  public static ContentVersion versions() {
    return new ContentVersion(SecretBytes.takeOver(new byte[32]));
  }
}
