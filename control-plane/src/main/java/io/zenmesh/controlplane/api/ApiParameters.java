package io.zenmesh.controlplane.api;

import java.util.Map;

/** The parameters that the contract declares, as they were given. */
record ApiParameters(
    Map<String, String> path, Map<String, String> query, Map<String, String> headers) {
  ApiParameters {
    path = Map.copyOf(path);
    query = Map.copyOf(query);
    headers = Map.copyOf(headers);
  }
}
