package io.zenmesh.xds.resource;

import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.config.route.v3.VirtualHost;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parts of a {@link StandaloneEnvoy} as Kubernetes resources that put them into the Envoys of
 * Envoy Gateway ({@code EnvoyPatchPolicy}) and Istio ({@code EnvoyFilter}).
 *
 * <p>Both are patches of what their controller generates, since neither has an API of its own for
 * the gate, and the official one for ext_proc lacks mutation rules, and switches the filter on
 * route by route, so that a route without it is open. Immutable.
 */
public final class KubernetesEnvoy {
  private static final String MANAGER =
      "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3"
          + ".HttpConnectionManager";
  private static final String LISTENER = "type.googleapis.com/envoy.config.listener.v3.Listener";
  private static final String ROUTES =
      "type.googleapis.com/envoy.config.route.v3.RouteConfiguration";
  private static final String CLUSTER = "type.googleapis.com/envoy.config.cluster.v3.Cluster";
  private static final String GATEWAY_API = "gateway.networking.k8s.io";
  private static final String NAME = "zen-mesh";

  private final StandaloneEnvoy envoy;
  private final Map<String, Value> parts;

  public KubernetesEnvoy(StandaloneEnvoy envoy) {
    this.envoy = envoy;
    this.parts = envoy.trees();
  }

  /**
   * For Envoy Gateway.
   *
   * @param namespace of the Gateway
   * @param gateway its name
   * @param listener the name of its HTTPS listener
   */
  public String envoyGateway(String namespace, String gateway, String listener) {
    String xds = namespace + "/" + gateway + "/" + listener;
    String manager = "$..filters[?(@.name == '" + ConnectionManager.FILTER + "')]";
    List<Value> patches = new ArrayList<>();
    patches.add(
        object(
            "type",
            CLUSTER,
            "name",
            ResourceNames.EXTPROC_CLUSTER,
            "operation",
            object("op", "add", "path", "", "value", part("cluster"))));
    // Each goes to the front, so that the processor is first and the gate directly behind it.
    patches.add(patch(LISTENER, xds, manager, "/typed_config/http_filters/0", part("gate")));
    patches.add(patch(LISTENER, xds, manager, "/typed_config/http_filters/0", part("ext_proc")));
    patches.add(
        patch(
            LISTENER,
            xds,
            manager,
            "/typed_config/early_header_mutation_extensions",
            list(List.of(part("strip")))));
    routePatches(xds, patches);
    Value policy =
        object(
            "apiVersion",
            "gateway.envoyproxy.io/v1alpha1",
            "kind",
            "EnvoyPatchPolicy",
            "metadata",
            object("name", NAME, "namespace", namespace),
            "spec",
            object(
                "targetRef",
                object("group", GATEWAY_API, "kind", "Gateway", "name", gateway),
                "type",
                "JSONPatch",
                "jsonPatches",
                list(patches)));
    return ProtoYaml.write(buffers(namespace, gateway, listener))
        + "---\n"
        + ProtoYaml.write(policy);
  }

  private void routePatches(String xds, List<Value> patches) {
    for (VirtualHost host : envoy.hosts()) {
      for (Route route : host.getRoutesList()) {
        String found =
            "$.virtual_hosts[?(@.domains[0] == '"
                + host.getName()
                + "')].routes[?(@.match.path == '"
                + route.getMatch().getPath()
                + "')]";
        patches.add(patch(ROUTES, xds, found, "/name", text(route.getName())));
        // The body is buffered: an upgrade would hang.
        patches.add(patch(ROUTES, xds, found, "/route/upgrade_configs", list(List.of())));
        if (route.getTypedPerFilterConfigCount() > 0) {
          patches.add(patch(ROUTES, xds, found, "/typed_per_filter_config", perRoute(route)));
        }
      }
    }
  }

  /** The processor needs the whole body; the controller's own limits are far below ours. */
  private static Value buffers(String namespace, String gateway, String listener) {
    return object(
        "apiVersion",
        "gateway.envoyproxy.io/v1alpha1",
        "kind",
        "ClientTrafficPolicy",
        "metadata",
        object("name", NAME, "namespace", namespace),
        "spec",
        object(
            "targetRefs",
            list(
                List.of(
                    object(
                        "group",
                        GATEWAY_API,
                        "kind",
                        "Gateway",
                        "name",
                        gateway,
                        "sectionName",
                        listener))),
            "connection",
            object("bufferLimit", "4Mi"),
            "http2",
            object("initialStreamWindowSize", "4Mi")));
  }

  /**
   * For an Istio ingress gateway.
   *
   * @param namespace of the gateway's workload
   * @param selector the value of its label {@code istio}
   */
  public String istio(String namespace, String selector) {
    Value manager = object("name", ConnectionManager.FILTER);
    Value router =
        object(
            "name",
            ConnectionManager.FILTER,
            "subFilter",
            object("name", ConnectionManager.ROUTER));
    List<Value> patches = new ArrayList<>();
    patches.add(istioPatch("CLUSTER", object("context", "GATEWAY"), "ADD", part("cluster")));
    patches.add(
        istioPatch(
            "LISTENER",
            object("context", "GATEWAY"),
            "MERGE",
            object("per_connection_buffer_limit_bytes", Limits.INGRESS_BUFFER_BYTES)));
    patches.add(
        istioPatch(
            "NETWORK_FILTER",
            inChain(manager),
            "MERGE",
            object(
                "name",
                ConnectionManager.FILTER,
                "typed_config",
                object(
                    "@type",
                    MANAGER,
                    "common_http_protocol_options",
                    object("headers_with_underscores_action", "REJECT_REQUEST"),
                    "http2_protocol_options",
                    object("initial_stream_window_size", Limits.STREAM_WINDOW_BYTES),
                    "early_header_mutation_extensions",
                    list(List.of(part("strip")))))));
    // Each goes directly before the router, so that the gate is directly behind the processor.
    patches.add(istioPatch("HTTP_FILTER", inChain(router), "INSERT_BEFORE", part("ext_proc")));
    patches.add(istioPatch("HTTP_FILTER", inChain(router), "INSERT_BEFORE", part("gate")));
    routeMerges(patches);
    return ProtoYaml.write(
        object(
            "apiVersion",
            "networking.istio.io/v1alpha3",
            "kind",
            "EnvoyFilter",
            "metadata",
            object("name", NAME, "namespace", namespace),
            "spec",
            object(
                "workloadSelector",
                object("labels", object("istio", selector)),
                "configPatches",
                list(patches))));
  }

  private void routeMerges(List<Value> patches) {
    for (VirtualHost host : envoy.hosts()) {
      for (Route route : host.getRoutesList()) {
        if (route.getTypedPerFilterConfigCount() > 0) {
          patches.add(
              istioPatch(
                  "HTTP_ROUTE",
                  object(
                      "context",
                      "GATEWAY",
                      "routeConfiguration",
                      object("vhost", object("route", object("name", route.getName())))),
                  "MERGE",
                  object("typed_per_filter_config", perRoute(route))));
        }
      }
    }
  }

  private static Value inChain(Value filter) {
    return object(
        "context", "GATEWAY", "listener", object("filterChain", object("filter", filter)));
  }

  private static Value istioPatch(String applyTo, Value match, String operation, Value value) {
    return object(
        "applyTo",
        applyTo,
        "match",
        match,
        "patch",
        object("operation", operation, "value", value));
  }

  /** {@code add} also replaces a member that is there. */
  private static Value patch(String type, String name, String where, String path, Value value) {
    return object(
        "type",
        type,
        "name",
        name,
        "operation",
        object("op", "add", "jsonPath", where, "path", path, "value", value));
  }

  private Value part(String name) {
    return parts.getOrDefault(name, Value.getDefaultInstance());
  }

  private static Value perRoute(Route route) {
    Struct.Builder configs = Struct.newBuilder();
    route
        .getTypedPerFilterConfigMap()
        .forEach((filter, config) -> configs.putFields(filter, ProtoYaml.tree(config)));
    return Value.newBuilder().setStructValue(configs).build();
  }

  private static Value object(Object... pairs) {
    Map<String, Value> fields = new LinkedHashMap<>();
    for (int i = 0; i < pairs.length; i += 2) {
      Object value = pairs[i + 1];
      fields.put(
          String.valueOf(pairs[i]),
          switch (value) {
            case Value tree -> tree;
            case Integer number -> Value.newBuilder().setNumberValue(number).build();
            default -> text(value.toString());
          });
    }
    return Value.newBuilder().setStructValue(Struct.newBuilder().putAllFields(fields)).build();
  }

  private static Value list(List<Value> items) {
    return Value.newBuilder().setListValue(ListValue.newBuilder().addAllValues(items)).build();
  }

  private static Value text(String text) {
    return Value.newBuilder().setStringValue(text).build();
  }
}
