package io.zenmesh.controlplane.api;

import java.util.Map;
import java.util.function.BooleanSupplier;

/** The process itself: whether it runs, whether it is ready, and what it promises. */
public final class ProcessRoutes implements RouteGroup {
  private record Status(String status) {}

  private final BooleanSupplier ready;

  /**
   * @param ready whether this process can do its work now
   */
  public ProcessRoutes(BooleanSupplier ready) {
    this.ready = ready;
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    byte[] contract = ApiContract.bundled().text();
    return Map.of(
        "getHealth", request -> Answer.json(200, new Status("ok")),
        "getReadiness",
            request ->
                ready.getAsBoolean()
                    ? Answer.json(200, new Status("ready"))
                    : Answer.json(503, new Status("not ready")),
        "getContract", request -> Answer.yaml(contract));
  }
}
