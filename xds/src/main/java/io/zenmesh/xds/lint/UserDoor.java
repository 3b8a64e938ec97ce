package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A door to the processor in somebody's own file: the filter that asks and the gate that reads its
 * proof.
 */
enum UserDoor {
  /** ext_proc and its gate. */
  PROCESSOR(
      "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor", "envoy.filters.http.ext_proc"),
  /** ext_authz, its own gate, and directly behind it what takes away the trailers. */
  AUTHORIZATION(
      "envoy.extensions.filters.http.ext_authz.v3.ExtAuthz", "envoy.filters.http.ext_authz");

  static final String GATE_TYPE = "envoy.extensions.filters.http.rbac.v3.RBAC";
  static final String ATTRIBUTES =
      "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.request_attributes";

  private static final String GATE = "envoy.filters.http.rbac";

  private final String type;
  private final String filter;

  UserDoor(String type, String filter) {
    this.type = type;
    this.filter = filter;
  }

  /** The door of a chain of HTTP filters: ext_proc's where both are. */
  static Optional<UserDoor> of(List<Place> filters) {
    for (UserDoor door : values()) {
      if (filters.stream().anyMatch(door::asks)) {
        return Optional.of(door);
      }
    }
    return Optional.empty();
  }

  static String typeOf(Place filter) {
    return filter.get("typed_config").map(Place::type).orElse("");
  }

  /** Whether a filter is the one that asks. */
  boolean asks(Place filter) {
    return typeOf(filter).equals(type);
  }

  String type() {
    return type;
  }

  /** How the filter that asks must be. */
  Message asking() {
    return switch (this) {
      case PROCESSOR -> unpack(filter, ExternalProcessor.class);
      case AUTHORIZATION -> unpack(filter, ExtAuthz.class);
    };
  }

  /** How the gate directly behind it must be. */
  Message gate() {
    return unpack(GATE, RBAC.class);
  }

  /** What of the filter that asks may differ. */
  Map<String, Rule> rules() {
    Map<String, Rule> rules = new HashMap<>();
    String timeout =
        switch (this) {
          case PROCESSOR ->
              "envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor.message_timeout";
          case AUTHORIZATION -> "envoy.config.core.v3.GrpcService.timeout";
        };
    rules.put(timeout, Rule.duration(Durations.fromMillis(500), Durations.fromSeconds(2)));
    rules.put(
        "envoy.config.core.v3.GrpcService.EnvoyGrpc.cluster_name",
        Rule.text(name -> !name.isEmpty(), "a cluster"));
    return rules;
  }

  /** The reference's filter of this name. */
  Optional<HttpFilter> reference(String name) {
    HttpConnectionManager manager =
        switch (this) {
          case PROCESSOR -> manager();
          case AUTHORIZATION -> Doors.pair();
        };
    return manager.getHttpFiltersList().stream()
        .filter(each -> each.getName().equals(name))
        .findFirst();
  }

  /** The reference's connection manager, with ext_proc in it. */
  static HttpConnectionManager manager() {
    Listener listener = (Listener) References.load("ingress-listener", Listener.newBuilder());
    return References.unpack(
        listener.getFilterChains(0).getFilters(0).getTypedConfig(), HttpConnectionManager.class);
  }

  private <T extends Message> T unpack(String name, Class<T> config) {
    Any any = reference(name).map(HttpFilter::getTypedConfig).orElse(Any.getDefaultInstance());
    return References.unpack(any, config);
  }
}
