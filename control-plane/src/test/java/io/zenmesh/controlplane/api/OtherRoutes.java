package io.zenmesh.controlplane.api;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Handlers of every operation that a test does not bring its own for; they answer nothing. */
record OtherRoutes(List<RouteGroup> own) implements RouteGroup {
  @Override
  public Map<String, ApiHandler> handlers() {
    Map<String, ApiHandler> others = new TreeMap<>();
    ApiContract.bundled()
        .operations()
        .forEach(it -> others.put(it.id(), request -> Answer.empty(204)));
    own.forEach(group -> group.handlers().keySet().forEach(others::remove));
    return others;
  }
}
