package io.zenmesh.controlplane.api;

import java.util.Map;

/** The handlers of one feature. */
public interface RouteGroup {
  /** By operationId of the contract; the same each time. */
  Map<String, ApiHandler> handlers();
}
