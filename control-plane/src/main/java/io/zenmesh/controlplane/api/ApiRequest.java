package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.xds.model.Name;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;

/**
 * A request that was let in: who asks, and what the contract declares of it, checked against its
 * schemas.
 */
public final class ApiRequest {
  private final ApiOperation operation;
  private final Optional<Caller> caller;
  private final Map<String, String> path;
  private final Map<String, String> query;
  private final Map<String, String> headers;
  private final byte[] body;
  private final String correlation;

  ApiRequest(
      ApiOperation operation,
      Optional<Caller> caller,
      ApiParameters parameters,
      byte[] body,
      String correlation) {
    this.operation = operation;
    this.caller = caller;
    this.path = parameters.path();
    this.query = parameters.query();
    this.headers = parameters.headers();
    this.body = body;
    this.correlation = correlation;
  }

  ApiOperation operation() {
    return operation;
  }

  /**
   * Who asks.
   *
   * @throws IllegalStateException on an operation that is open to anyone
   */
  public Caller caller() {
    return caller.orElseThrow(() -> new IllegalStateException(operation.id() + ": has no caller"));
  }

  /** The tenant whose route it is. */
  public Name tenant() {
    return new Name(path(ApiOperation.TENANT));
  }

  /** A path parameter of the contract. */
  public String path(String parameter) {
    return Optional.ofNullable(path.get(parameter))
        .orElseThrow(() -> new IllegalStateException(operation.id() + ": no " + parameter));
  }

  /** A query parameter of the contract, when it was given. */
  public Optional<String> query(String parameter) {
    return Optional.ofNullable(query.get(parameter));
  }

  /** A header the contract declares as a parameter, when it was given. */
  public Optional<String> header(String parameter) {
    return Optional.ofNullable(headers.get(parameter));
  }

  /** What was given for a parameter of the contract. */
  Optional<String> given(ApiOperation.Parameter parameter) {
    Map<String, String> all =
        switch (parameter.in()) {
          case PATH -> path;
          case QUERY -> query;
          case HEADER -> headers;
        };
    return Optional.ofNullable(all.get(parameter.name()));
  }

  /** The body itself, no copy; empty without one. Who finds a secret in it zeroes it. */
  public byte[] body() {
    return body;
  }

  /** The body as JSON, which has been checked. */
  public JsonNode json() {
    return ApiJson.MAPPER.readTree(body);
  }

  /** The id that joins the log, the record and the answer. */
  public String correlation() {
    return correlation;
  }
}
