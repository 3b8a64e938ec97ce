package io.zenmesh.controlplane.api;

import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Holds requests to the contract: every parameter and every JSON body against its schema, nothing
 * that is not declared. Thread-safe.
 */
final class RequestCheck {
  private static final int MAX_PROBLEMS = 20;
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final ApiOperation operation;
  private final Map<String, Schema> parameters = new HashMap<>();
  private final Map<String, Optional<Schema>> bodies = new TreeMap<>();

  RequestCheck(ApiOperation operation, JsonNode components) {
    this.operation = operation;
    SchemaRegistry registry = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);
    operation
        .parameters()
        .forEach(it -> parameters.put(it.name(), schema(registry, it.schema(), components)));
    operation
        .body()
        .ifPresent(body ->
            body.content()
                .properties()
                .forEach(it ->
                    bodies.put(
                        it.getKey(),
                        it.getKey().endsWith("json")
                            ? Optional.of(
                                schema(registry, it.getValue().path("schema"), components))
                            : Optional.empty())));
  }

  /** The validator knows {@code $defs}, not the contract's {@code components}. */
  private static Schema schema(SchemaRegistry registry, JsonNode schema, JsonNode components) {
    ObjectNode whole = (ObjectNode) schema.deepCopy();
    whole.set("$defs", components.path("schemas"));
    return registry.getSchema(
        ApiJson.MAPPER.readTree(whole.toString().replace("#/components/schemas/", "#/$defs/")));
  }

  /** Where a request breaks the contract; empty when it keeps it. */
  Optional<Breach> breach(ApiParameters given, Optional<String> contentType, byte[] body) {
    return badPath(given).or(() -> badParameters(given)).or(() -> badBody(contentType, body));
  }

  /** How a request breaks the contract. */
  record Breach(Problem.Kind kind, List<String> problems) {
    Breach {
      problems = List.copyOf(problems);
    }
  }

  /** A path that cannot name anything names nothing. */
  private Optional<Breach> badPath(ApiParameters given) {
    return operation.parameters().stream()
            .anyMatch(it ->
                it.in() == ApiOperation.In.PATH
                    && !problems(it, Optional.ofNullable(given.path().get(it.name()))).isEmpty())
        ? Optional.of(new Breach(Problem.Kind.NOT_FOUND, List.of()))
        : Optional.empty();
  }

  private Optional<Breach> badParameters(ApiParameters given) {
    List<String> problems =
        operation.parameters().stream()
            .filter(it -> it.in() != ApiOperation.In.PATH)
            .flatMap(it ->
                problems(
                    it,
                    Optional.ofNullable(
                        (it.in() == ApiOperation.In.QUERY ? given.query() : given.headers())
                            .get(it.name())))
                    .stream())
            .toList();
    return problems.isEmpty()
        ? Optional.empty()
        : Optional.of(new Breach(Problem.Kind.PARAMETER_INVALID, problems));
  }

  private List<String> problems(ApiOperation.Parameter parameter, Optional<String> value) {
    if (value.isEmpty()) {
      return parameter.required() ? List.of(parameter.name() + ": missing") : List.of();
    }
    JsonNode typed =
        parameter.schema().path("type").asString("").equals("integer")
                && value.get().matches("-?(0|[1-9][0-9]{0,17})")
            ? NODES.numberNode(Long.parseLong(value.get()))
            : NODES.stringNode(value.get());
    Schema schema = Objects.requireNonNull(parameters.get(parameter.name()));
    return schema.validate(typed).isEmpty()
        ? List.of()
        : List.of(parameter.name() + ": malformed (expected: as the contract says)");
  }

  private Optional<Breach> badBody(Optional<String> contentType, byte[] body) {
    if (bodies.isEmpty()) {
      return body.length == 0
          ? Optional.empty()
          : Optional.of(
              new Breach(Problem.Kind.BODY_MALFORMED, List.of("body: present (expected: none)")));
    }
    if (body.length == 0 && operation.body().filter(ApiOperation.Body::required).isEmpty()) {
      return Optional.empty();
    }
    String type =
        contentType.map(it -> it.split(";", 2)[0].strip().toLowerCase(Locale.ROOT)).orElse("");
    Optional<Schema> schema = bodies.get(type);
    if (schema == null) {
      return Optional.of(
          new Breach(
              Problem.Kind.CONTENT_TYPE_UNSUPPORTED,
              List.of("Content-Type: (expected: " + String.join(" or ", bodies.keySet()) + ")")));
    }
    return schema.flatMap(it -> badJson(it, body));
  }

  private static Optional<Breach> badJson(Schema schema, byte[] body) {
    JsonNode read;
    try {
      read = ApiJson.MAPPER.readTree(body);
    } catch (JacksonException e) {
      return Optional.of(
          new Breach(
              Problem.Kind.BODY_MALFORMED,
              List.of("body: not well-formed (expected: JSON within limits, no key twice)")));
    }
    List<Error> errors = schema.validate(read);
    return errors.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Breach(
                Problem.Kind.BODY_MALFORMED,
                errors.stream().limit(MAX_PROBLEMS).map(RequestCheck::line).toList()));
  }

  /** Names the place and the rule; never a value, which may be a secret in the wrong field. */
  private static String line(Error error) {
    String unknown =
        "additionalProperties".equals(error.getKeyword()) && error.getProperty() != null
            ? ": unknown field"
            : "";
    return error.getInstanceLocation() + unknown + ": breaks " + error.getKeyword();
  }
}
