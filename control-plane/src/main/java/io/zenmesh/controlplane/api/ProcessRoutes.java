package io.zenmesh.controlplane.api;

import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/** The process itself: whether it runs, is ready, what is measured of it, what it promises. */
public final class ProcessRoutes implements RouteGroup {
  private record Status(String status) {}

  private static final String PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8";

  private final BooleanSupplier ready;
  private final Supplier<String> metrics;

  /**
   * @param ready whether this process can do its work now
   * @param metrics as Prometheus reads them; without anything of a tenant
   */
  public ProcessRoutes(BooleanSupplier ready, Supplier<String> metrics) {
    this.ready = ready;
    this.metrics = metrics;
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
        "getMetrics", request -> Answer.text(PROMETHEUS, metrics.get()),
        "getContract", request -> Answer.yaml(contract));
  }
}
