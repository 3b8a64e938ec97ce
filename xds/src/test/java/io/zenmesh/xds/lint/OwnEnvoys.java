package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap;
import io.envoyproxy.envoy.config.listener.v3.Filter;
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
import io.zenmesh.xds.resource.StandaloneEnvoy;
import io.zenmesh.xds.standalone.Samples;
import java.nio.file.Path;
import java.util.function.Consumer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** Configuration of Envoys without a control plane, as rendered and as weakened. */
final class OwnEnvoys {
  private static final JsonMapper JSON = JsonMapper.builder().build();
  private static final String ENDPOINTS =
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

  private OwnEnvoys() {}

  static String bootstrap() {
    return bootstrap(new ProcessorAddress.Socket("/run/zen/extproc.sock"));
  }

  static String mtlsBootstrap() {
    return bootstrap(
        new ProcessorAddress.Mtls(
            new HostPort("extproc.zen.svc", 9000),
            "spiffe://zen.example/extproc",
            new IdentityFiles(Path.of("/etc/zen/envoy"))));
  }

  private static String bootstrap(ProcessorAddress processor) {
    return new StandaloneEnvoy(Samples.good(ENDPOINTS), processor, scheme -> !scheme.equals("zen"))
        .bootstrap(
            new HostPort("0.0.0.0", 8443),
            new IdentityFiles(Path.of("/etc/zen/edge")),
            Path.of("/run/zen/admin.sock"));
  }

  /** The same as JSON. */
  static String json(String yaml) {
    return JSON.writeValueAsString(new YAMLMapper().readTree(yaml));
  }

  /** What an Envoy that got it over xDS would say, its routes apart from its listeners. */
  static String configDump() {
    JsonNode resources = JSON.readTree(json(bootstrap())).get("static_resources");
    ObjectNode dump = JSON.createObjectNode();
    ArrayNode configs = dump.putArray("configs");
    ArrayNode routes = JSON.createArrayNode();
    ArrayNode listeners = configs.addObject().putArray("dynamic_listeners");
    for (JsonNode listener : resources.get("listeners")) {
      ObjectNode manager =
          (ObjectNode)
              listener.get("filter_chains").get(0).get("filters").get(0).get("typed_config");
      routes.addObject().set("route_config", manager.remove("route_config"));
      manager.putObject("rds").put("route_config_name", "ingress");
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
    HttpConnectionManager manager = manager(parse().build());
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
    Bootstrap.Builder bootstrap = parse();
    HttpConnectionManager.Builder manager = manager(bootstrap.build()).toBuilder();
    change.accept(manager);
    filter(bootstrap).setTypedConfig(Any.pack(manager.build()));
    return ProtoYaml.write(bootstrap.build());
  }

  private static Filter.Builder filter(Bootstrap.Builder bootstrap) {
    return bootstrap
        .getStaticResourcesBuilder()
        .getListenersBuilder(0)
        .getFilterChainsBuilder(0)
        .getFiltersBuilder(0);
  }

  private static HttpConnectionManager manager(Bootstrap bootstrap) {
    return Weakened.unpack(
        filter(bootstrap.toBuilder()).getTypedConfig(), HttpConnectionManager.class);
  }

  private static Bootstrap.Builder parse() {
    Bootstrap.Builder bootstrap = Bootstrap.newBuilder();
    try {
      // admin.allow_paths is newer than the proto classes, and of no concern here.
      JsonFormat.parser()
          .ignoringUnknownFields()
          .usingTypeRegistry(EnvoyTypes.registry())
          .merge(json(bootstrap()), bootstrap);
      return bootstrap;
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }
}
