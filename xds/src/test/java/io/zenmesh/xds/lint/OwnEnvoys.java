package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.resource.EnvoyTypes;
import io.zenmesh.xds.resource.ProcessorAddress;
import io.zenmesh.xds.resource.ProtoYaml;
import io.zenmesh.xds.resource.SampleMesh;
import io.zenmesh.xds.resource.StandaloneEnvoy;
import io.zenmesh.xds.resource.StaticConfig;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.standalone.Samples;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Configuration of Envoys without a control plane, as rendered and as weakened. */
final class OwnEnvoys {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  static final String ENDPOINTS =
      """
      listen: /run/zen/extproc.sock
      replay: {memory: {}}
      endpoints:
        - tenant: acme
          name: orders
          scheme: zen
          secrets: [{file: orders}]
          host: hooks.acme.example
          path: /orders
          destination: http://127.0.0.1:8080
        - tenant: acme
          name: payments
          scheme: stripe
          secrets: [{file: payments}]
          host: hooks.acme.example
          path: /payments
          destination: http://127.0.0.1:8080
      """;

  /** The same with an endpoint of one phase in dry run, and one of two phases. */
  static final String DRY_RUN_ENDPOINTS =
      ENDPOINTS
          .replace("path: /orders", "path: /orders\n    enforce: false")
          .concat(
              """
                - tenant: globex
                  name: trial
                  scheme: github
                  secrets: [{file: trial}]
                  enforce: false
                  host: hooks.globex.example
                  path: /trial
                  destination: https://trial.globex.example
              """);

  static final ProcessorAddress SOCKET = new ProcessorAddress.Socket("/run/zen/extproc.sock");
  static final ProcessorAddress MTLS =
      new ProcessorAddress.Mtls(
          new HostPort("extproc.zen.svc", 9000),
          "spiffe://zen.example/extproc",
          new IdentityFiles(Path.of("/etc/zen/envoy")));

  private OwnEnvoys() {}

  static String bootstrap() {
    return bootstrap(ENDPOINTS, SOCKET);
  }

  static String mtlsBootstrap() {
    return bootstrap(ENDPOINTS, MTLS);
  }

  static String bootstrap(String endpoints, ProcessorAddress processor) {
    return envoy(endpoints, processor)
        .bootstrap(
            new HostPort("0.0.0.0", 8443),
            new IdentityFiles(Path.of("/etc/zen/edge")),
            Path.of("/run/zen/admin.sock"));
  }

  static StandaloneEnvoy envoy(String endpoints, ProcessorAddress processor) {
    return new StandaloneEnvoy(Samples.good(endpoints), processor, OwnEnvoys::outcomeNeeded);
  }

  /** What the file says of its endpoints. */
  static KnownEndpoints known(String endpoints) {
    return KnownEndpoints.of(Samples.good(endpoints), OwnEnvoys::outcomeNeeded);
  }

  private static boolean outcomeNeeded(String scheme) {
    return !scheme.equals("zen");
  }

  /** A mesh's ingress Envoy as one file. */
  static String mesh(NodeSnapshot ingress) {
    return StaticConfig.render(
        ingress,
        new io.zenmesh.xds.resource.Bootstrap.Spec(
            SampleMesh.ingressNode(List.of()).node(),
            new HostPort("127.0.0.1", 18000),
            "spiffe://zen.local/control-plane",
            new IdentityFiles(Path.of("/etc/zen/identity")),
            Path.of("/run/zen/admin.sock")));
  }

  /** What is known of that mesh: trial is in dry run. */
  static KnownEndpoints knownMesh() {
    return new KnownEndpoints(
        Map.of(
            "acme/orders", new KnownEndpoints.Terms(true, false),
            "acme/payments", new KnownEndpoints.Terms(true, true),
            "globex/builds", new KnownEndpoints.Terms(true, true),
            "globex/open", new KnownEndpoints.Terms(true, false),
            "globex/trial", new KnownEndpoints.Terms(false, false)));
  }

  /** The same as JSON. */
  static String json(String yaml) {
    return JSON.writeValueAsString(new YAMLMapper().readTree(yaml));
  }

  /** What an Envoy that got it over xDS would say, its routes apart from its listeners. */
  static String configDump() {
    return configDump(bootstrap());
  }

  static String configDump(String file) {
    JsonNode resources = JSON.readTree(json(file)).get("static_resources");
    ObjectNode dump = JSON.createObjectNode();
    ArrayNode configs = dump.putArray("configs");
    ArrayNode routes = JSON.createArrayNode();
    ArrayNode listeners = configs.addObject().putArray("dynamic_listeners");
    for (JsonNode listener : resources.get("listeners")) {
      for (JsonNode chain : listener.get("filter_chains")) {
        ObjectNode manager = (ObjectNode) chain.get("filters").get(0).get("typed_config");
        JsonNode config = manager.remove("route_config");
        routes.addObject().set("route_config", config);
        manager.putObject("rds").put("route_config_name", config.get("name").asString());
      }
      ((ObjectNode) listener).put("@type", "type.googleapis.com/envoy.config.listener.v3.Listener");
      listeners.addObject().putObject("active_state").set("listener", listener);
    }
    configs.addObject().set("dynamic_route_configs", routes);
    ArrayNode clusters = configs.addObject().putArray("dynamic_active_clusters");
    for (JsonNode cluster : resources.get("clusters")) {
      clusters.addObject().set("cluster", cluster);
    }
    return JSON.writeValueAsString(dump);
  }

  /** With this in the place of the HTTP filter configuration of the same type. */
  static String withFilter(Message changed) {
    return changed(manager -> {
      for (HttpFilter.Builder filter : manager.getHttpFiltersBuilderList()) {
        if (filter.getTypedConfig().is(changed.getClass()) && !isAccess(filter.getName())) {
          filter.setTypedConfig(Any.pack(changed));
        }
      }
    });
  }

  /** The filters before the processor, of which two have the gate's type. */
  private static boolean isAccess(String filter) {
    return filter.startsWith("zen.filters.http.");
  }

  static String withoutFilter(String name) {
    return changed(manager -> {
      for (int i = manager.getHttpFiltersCount() - 1; i >= 0; i--) {
        if (manager.getHttpFilters(i).getName().equals(name)) {
          manager.removeHttpFilters(i);
        }
      }
    });
  }

  /** With this as the only configuration of its filter on every route. */
  static String withOverride(Message changed) {
    String filter =
        changed instanceof ExtProcPerRoute
            ? "envoy.filters.http.ext_proc"
            : "envoy.filters.http.rbac";
    return changed(manager -> {
      for (VirtualHost.Builder host :
          manager.getRouteConfigBuilder().getVirtualHostsBuilderList()) {
        for (Route.Builder route : host.getRoutesBuilderList()) {
          route.clearTypedPerFilterConfig().putTypedPerFilterConfig(filter, Any.pack(changed));
        }
      }
    });
  }

  /** The configuration of this type in what is rendered. */
  static Message rendered(Class<? extends Message> type) {
    HttpConnectionManager manager = manager(bootstrap(), 0);
    for (HttpFilter filter : manager.getHttpFiltersList()) {
      if (filter.getTypedConfig().is(type) && !isAccess(filter.getName())) {
        return Weakened.unpack(filter.getTypedConfig(), type);
      }
    }
    return manager.getRouteConfig().getVirtualHostsList().stream()
        .flatMap(host -> host.getRoutesList().stream())
        .flatMap(route -> route.getTypedPerFilterConfigMap().values().stream())
        .filter(config -> config.is(type))
        .map(config -> (Message) Weakened.unpack(config, type))
        .findFirst()
        .orElseThrow();
  }

  private static String changed(Consumer<HttpConnectionManager.Builder> change) {
    return changed(bootstrap(), 0, (chain, manager) -> change.accept(manager));
  }

  /** A file with one of its filter chains, and the connection manager in it, changed. */
  static String changed(
      String file, int chain, BiConsumer<FilterChain.Builder, HttpConnectionManager.Builder> to) {
    Bootstrap.Builder bootstrap = parse(file);
    FilterChain.Builder changed = chain(bootstrap, chain);
    HttpConnectionManager.Builder manager = manager(file, chain).toBuilder();
    to.accept(changed, manager);
    changed.getFiltersBuilder(0).setTypedConfig(Any.pack(manager.build()));
    return ProtoYaml.write(bootstrap.build());
  }

  private static FilterChain.Builder chain(Bootstrap.Builder bootstrap, int index) {
    return bootstrap
        .getStaticResourcesBuilder()
        .getListenersBuilder(0)
        .getFilterChainsBuilder(index);
  }

  /** The connection manager of one of a file's filter chains. */
  static HttpConnectionManager manager(String file, int chain) {
    return Weakened.unpack(
        chain(parse(file), chain).getFilters(0).getTypedConfig(), HttpConnectionManager.class);
  }

  private static Bootstrap.Builder parse(String file) {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    try {
      // admin.allow_paths is newer than the proto classes, and of no concern here.
      JsonFormat.parser()
          .ignoringUnknownFields()
          .usingTypeRegistry(EnvoyTypes.registry())
          .merge(json(file), bootstrap);
      return bootstrap;
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
