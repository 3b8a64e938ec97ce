package io.zenmesh.controlplane.api;

import java.util.List;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * One operation of the contract.
 *
 * @param id its operationId, which the access table and the handlers go by
 * @param method in upper case
 * @param path with {@code {parameters}}
 * @param open whether it needs no authentication
 * @param createsTenant whether the tenant of its path may be absent
 * @param body what it takes; empty when it takes none
 */
record ApiOperation(
    String id,
    String method,
    String path,
    boolean open,
    boolean createsTenant,
    List<Parameter> parameters,
    Optional<Body> body) {
  /** The path parameter that says whose route it is. */
  static final String TENANT = "tenant";

  ApiOperation {
    parameters = List.copyOf(parameters);
  }

  /** Where a parameter stands. */
  enum In {
    PATH,
    QUERY,
    HEADER
  }

  /** One parameter and the schema of its value. */
  record Parameter(String name, In in, boolean required, JsonNode schema) {}

  /**
   * The body it takes.
   *
   * @param content schemas by media type
   * @param required whether it may not be left out
   * @param maxBytes the largest
   */
  record Body(JsonNode content, boolean required, int maxBytes) {}

  /** Whether it is about one tenant's own. */
  boolean ofTenant() {
    return path.contains("{" + TENANT + "}");
  }
}
