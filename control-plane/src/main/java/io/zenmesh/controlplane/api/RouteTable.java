package io.zenmesh.controlplane.api;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;

/**
 * Every operation of the contract with its handler: all of them, and no other. Immutable.
 *
 * <p>A handler that is missing, of no operation or stated twice fails the start.
 */
final class RouteTable {
  private final List<Route> routes;

  private RouteTable(List<Route> routes) {
    this.routes = List.copyOf(routes);
  }

  /** One operation, how its requests are checked, and who answers. */
  record Route(ApiOperation operation, RequestCheck check, ApiHandler handler) {}

  /**
   * Puts the table together.
   *
   * @throws IllegalStateException with everything that is missing or too much
   */
  static RouteTable of(ApiContract contract, List<RouteGroup> groups) {
    Map<String, ApiHandler> handlers = new HashMap<>();
    List<String> faults = new ArrayList<>();
    for (RouteGroup group : groups) {
      group
          .handlers()
          .forEach((id, handler) -> {
            if (handlers.put(id, handler) != null) {
              faults.add(id + ": two handlers");
            }
          });
    }
    List<Route> routes = new ArrayList<>();
    for (ApiOperation operation : contract.operations()) {
      ApiHandler handler = handlers.remove(operation.id());
      if (handler == null) {
        faults.add(operation.id() + ": no handler");
      } else {
        RequestCheck check = new RequestCheck(operation, contract.components());
        routes.add(new Route(operation, check, handler));
      }
    }
    new TreeSet<>(handlers.keySet()).forEach(id -> faults.add(id + ": a handler of no operation"));
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "routes: " + String.join("; ", faults) + " (expected: those of openapi.yaml)");
    }
    return new RouteTable(routes);
  }

  List<Route> routes() {
    return routes;
  }
}
