package io.zenmesh.xds.resource;

import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.TlsIdentity;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Upstream;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Way;
import java.net.URI;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What an Envoy without a control plane needs for the endpoints of one {@code endpoints.yaml}, made
 * by the same factories as the mesh's own: as a whole bootstrap, or as the parts to paste.
 *
 * <p>Only endpoints that say where they are ({@code host}, {@code path} and {@code cluster} or
 * {@code destination}) get routes. Immutable.
 */
public final class StandaloneEnvoy {
  private static final String EDGE_CERTIFICATE = "edge-tls";
  private static final int HTTP_PORT = 80;
  private static final int HTTPS_PORT = 443;

  private final ProcessorAddress processor;
  private final List<StandaloneEndpoint> endpoints;
  private final Predicate<String> outcomeNeeded;

  /**
   * @param outcomeNeeded whether endpoints of the scheme of this name must see the response
   */
  public StandaloneEnvoy(
      StandaloneConfig config, ProcessorAddress processor, Predicate<String> outcomeNeeded) {
    this.processor = processor;
    this.endpoints =
        config.endpoints().stream().filter(endpoint -> endpoint.way().isPresent()).toList();
    this.outcomeNeeded = outcomeNeeded;
  }

  /** The endpoints that have a route, by {@code tenant/name}. */
  public List<String> routed() {
    return endpoints.stream().map(endpoint -> endpoint.policy().ref().routeName()).toList();
  }

  /**
   * A complete Envoy.
   *
   * @throws IllegalArgumentException when an endpoint names a cluster, which would be missing
   * @param listen where it accepts TLS from webhook sources
   * @param edge the certificate it shows them, {@code svid.pem} and {@code key.pem}
   * @param adminSocket an absolute path of at most 107 characters
   */
  public String bootstrap(HostPort listen, IdentityFiles edge, Path adminSocket) {
    for (StandaloneEndpoint endpoint : endpoints) {
      if (endpoint.way().orElseThrow().upstream() instanceof Upstream.Named(String cluster)) {
        throw new IllegalArgumentException(
            endpoint.path() + ".cluster: " + cluster + " is not here (expected: destination)");
      }
    }
    NodeSnapshot snapshot = snapshot(listen);
    StaticResources.Builder resources =
        StaticResources.newBuilder()
            .addSecrets(
                Secrets.certificate(EDGE_CERTIFICATE, edge.certificateChain(), edge.privateKey()))
            .addClusters(processorCluster());
    upstreamClusters().forEach(resources::addClusters);
    for (Resource resource : snapshot.resources(ResourceType.LISTENER).values()) {
      resources.addListeners(
          StaticConfig.staticListener(
              StaticConfig.unpack(resource.body(), Listener.class),
              name -> toUpstreams(StaticConfig.routes(name, snapshot))));
    }
    return Bootstrap.yaml(
        io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.newBuilder()
            .setNode(Node.newBuilder().setId("envoy").setCluster("standalone"))
            .setAdmin(Admin.newBuilder().setAddress(Clusters.pipe(adminSocket.toString(), 0600)))
            .setOverloadManager(Bootstrap.overloadManager())
            .setStaticResources(resources)
            .build());
  }

  /** The items of {@code http_filters} before the router: processor, then gate. */
  public String httpFilters() {
    return items(List.of(ProcessorFilter.filter(), ProofGate.filter()));
  }

  /** The items of {@code early_header_mutation_extensions}. */
  public String headerMutation() {
    return items(List.of(ResultHeaders.stripRule()));
  }

  /** The items of {@code clusters}: the processor's. */
  public String processorClusters() {
    return items(List.of(processorCluster()));
  }

  /**
   * The items of {@code clusters}: those of {@code destination}s; empty text when there is none.
   */
  public String upstreams() {
    return items(upstreamClusters());
  }

  /** The items of {@code virtual_hosts}. */
  public String virtualHosts() {
    return items(hosts());
  }

  /** The trees of the same parts, for other languages than Envoy's. */
  Map<String, Value> trees() {
    Map<String, Value> trees = new LinkedHashMap<>();
    trees.put("ext_proc", ProtoYaml.tree(ProcessorFilter.filter()));
    trees.put("gate", ProtoYaml.tree(ProofGate.filter()));
    trees.put("strip", ProtoYaml.tree(ResultHeaders.stripRule()));
    trees.put("cluster", ProtoYaml.tree(processorCluster()));
    return trees;
  }

  /** Its endpoints with a way. */
  List<StandaloneEndpoint> endpoints() {
    return endpoints;
  }

  /** The virtual hosts, with the upstreams of the file. */
  List<VirtualHost> hosts() {
    return StaticConfig.routes(ResourceNames.INGRESS, snapshot(new HostPort("127.0.0.1", 1)))
        .getVirtualHostsList()
        .stream()
        .map(this::toUpstreams)
        .toList();
  }

  private Cluster processorCluster() {
    return switch (processor) {
      case ProcessorAddress.Socket(String path) -> Clusters.processor(path);
      case ProcessorAddress.Mtls(HostPort address, String spiffeId, IdentityFiles own) ->
          Clusters.processor(address, spiffeId, own);
    };
  }

  private List<Cluster> upstreamClusters() {
    Map<String, Cluster> clusters = new TreeMap<>();
    for (StandaloneEndpoint endpoint : endpoints) {
      if (endpoint.way().map(Way::upstream).orElseThrow() instanceof Upstream.Url(URI url)) {
        boolean tls = "https".equals(url.getScheme());
        int port = url.getPort() > 0 ? url.getPort() : tls ? HTTPS_PORT : HTTP_PORT;
        String host = url.getHost().replaceAll("[\\[\\]]", "");
        String name = cluster(endpoint);
        clusters.put(name, Clusters.upstream(name, new HostPort(host, port), tls));
      }
    }
    return List.copyOf(clusters.values());
  }

  private static String cluster(StandaloneEndpoint endpoint) {
    return switch (endpoint.way().orElseThrow().upstream()) {
      case Upstream.Named(String cluster) -> cluster;
      case Upstream.Url(URI url) -> "upstream/" + endpoint.policy().ref();
    };
  }

  private RouteConfiguration toUpstreams(RouteConfiguration routes) {
    RouteConfiguration.Builder changed = routes.toBuilder().clearVirtualHosts();
    routes.getVirtualHostsList().forEach(host -> changed.addVirtualHosts(toUpstreams(host)));
    return changed.build();
  }

  private VirtualHost toUpstreams(VirtualHost host) {
    Map<String, String> clusters = new TreeMap<>();
    endpoints.forEach(
        endpoint -> clusters.put(endpoint.policy().ref().routeName(), cluster(endpoint)));
    VirtualHost.Builder changed = host.toBuilder();
    for (Route.Builder route : changed.getRoutesBuilderList()) {
      String cluster = clusters.getOrDefault(route.getName(), "");
      route.getRouteBuilder().setCluster(cluster);
    }
    return changed.build();
  }

  private NodeSnapshot snapshot(HostPort listen) {
    IngressNode node =
        new IngressNode(
            new NodeId(new Name("standalone"), NodeRole.ENVOY, new Name("envoy")),
            listen,
            EDGE_CERTIFICATE,
            // Not used: the processor's cluster is made above.
            "/run/zen/extproc.sock",
            List.of(),
            endpoints.stream().map(this::route).toList());
    try (ContentVersion versions = new ContentVersion(SecretBytes.takeOver(new byte[32]))) {
      // The key is in a file of its own, so none is needed here.
      return new SnapshotFactory(versions)
          .ingress(
              node,
              new TlsIdentity(EDGE_CERTIFICATE, "unused", SecretBytes.takeOver(new byte[] {'-'})));
    }
  }

  private IngressRoute route(StandaloneEndpoint endpoint) {
    Way way = endpoint.way().orElseThrow();
    return new IngressRoute(
        endpoint.policy().ref(),
        way.host(),
        way.path(),
        outcomeNeeded.test(endpoint.policy().scheme()),
        endpoint.policy().enforce());
  }

  private static String items(List<? extends Message> messages) {
    ListValue.Builder list = ListValue.newBuilder();
    messages.forEach(message -> list.addValues(ProtoYaml.tree(message)));
    return ProtoYaml.write(Value.newBuilder().setListValue(list).build());
  }
}
