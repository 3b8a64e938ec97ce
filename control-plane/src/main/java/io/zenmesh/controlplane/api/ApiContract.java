package io.zenmesh.controlplane.api;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * The operations that {@code openapi.yaml} promises, and its very bytes. Immutable.
 *
 * <p>Read at start: a document that does not say what the server needs to know fails it.
 */
final class ApiContract {
  static final int DEFAULT_MAX_BYTES = 256 * 1024;

  private static final Set<String> METHODS =
      Set.of("get", "put", "post", "delete", "patch", "head", "options", "trace");
  private static final Set<String> SERVED = Set.of("get", "put", "post", "delete");
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final byte[] text;
  private final JsonNode root;
  private final List<ApiOperation> operations;

  private ApiContract(byte[] text, JsonNode root, List<ApiOperation> operations) {
    this.text = text;
    this.root = root;
    this.operations = List.copyOf(operations);
  }

  /** The contract of this version. */
  static ApiContract bundled() {
    return of(resource("openapi.yaml"));
  }

  /**
   * Reads a contract.
   *
   * @throws IllegalStateException when it lacks what the server needs
   */
  static ApiContract of(byte[] text) {
    JsonNode root = YAML.readTree(text);
    List<ApiOperation> operations = new ArrayList<>();
    Set<String> ids = new TreeSet<>();
    for (Map.Entry<String, JsonNode> path : root.path("paths").properties()) {
      for (Map.Entry<String, JsonNode> method : path.getValue().properties()) {
        if (!METHODS.contains(method.getKey())) {
          throw new IllegalStateException(
              path.getKey() + ": " + method.getKey() + " (expected: a method)");
        }
        ApiOperation operation = operation(root, path.getKey(), method.getKey(), method.getValue());
        if (!ids.add(operation.id())) {
          throw new IllegalStateException(
              "operationId: " + operation.id() + " (expected: each once)");
        }
        operations.add(operation);
      }
    }
    return new ApiContract(text.clone(), root, operations);
  }

  private static ApiOperation operation(
      JsonNode root, String path, String method, JsonNode operation) {
    String id = operation.path("operationId").asString("");
    if (id.isEmpty() || !SERVED.contains(method)) {
      throw new IllegalStateException(
          method + " " + path + ": (expected: an operationId, and one of " + SERVED + ")");
    }
    List<ApiOperation.Parameter> parameters = new ArrayList<>();
    for (JsonNode stated : operation.path("parameters")) {
      JsonNode parameter = resolved(root, stated);
      parameters.add(
          new ApiOperation.Parameter(
              parameter.path("name").asString(),
              ApiOperation.In.valueOf(parameter.path("in").asString().toUpperCase(Locale.ROOT)),
              parameter.path("required").asBoolean(false),
              parameter.path("schema")));
    }
    JsonNode security = operation.get("security");
    boolean open = security != null && security.isArray() && security.isEmpty();
    JsonNode body = resolved(root, operation.path("requestBody"));
    Optional<ApiOperation.Body> taken =
        body.isMissingNode()
            ? Optional.empty()
            : Optional.of(
                new ApiOperation.Body(
                    body.path("content"),
                    body.path("required").asBoolean(false),
                    body.path("x-zen-max-bytes").asInt(DEFAULT_MAX_BYTES)));
    return new ApiOperation(
        id,
        method.toUpperCase(Locale.ROOT),
        path,
        open,
        operation.path("x-zen-creates-tenant").asBoolean(false),
        parameters,
        taken);
  }

  private static JsonNode resolved(JsonNode root, JsonNode stated) {
    String reference = stated.path("$ref").asString("");
    if (reference.isEmpty()) {
      return stated;
    }
    JsonNode found = root.at(reference.substring(1));
    if (found.isMissingNode()) {
      throw new IllegalStateException("$ref: " + reference + " (expected: to exist)");
    }
    return found;
  }

  /** A file that lies beside this class. */
  static byte[] resource(String name) {
    try (InputStream in = ApiContract.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + ": missing (expected: in this program)");
      }
      return in.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  List<ApiOperation> operations() {
    return operations;
  }

  /** What {@code #/components} holds, for the schemas of the operations refer to it. */
  JsonNode components() {
    return root.path("components");
  }

  byte[] text() {
    return text.clone();
  }
}
