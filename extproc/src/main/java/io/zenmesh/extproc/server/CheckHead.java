package io.zenmesh.extproc.server;

import com.google.protobuf.Struct;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.auth.v3.AttributeContext;
import io.envoyproxy.envoy.service.auth.v3.CheckRequest;
import io.zenmesh.extproc.pipeline.RequestHead;
import io.zenmesh.xds.resource.AuthorizationDoor;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The head of a request as ext_authz tells it. The endpoint is what Envoy's route says in its
 * context extensions, never the path.
 *
 * @param fields in order, names in lower case
 * @param endpoint as the route names it
 */
record CheckHead(WireHead fields, Optional<String> endpoint) implements RequestHead {
  /** Envoy's own word on whether the body is all there; it removes a client's. */
  private static final String PARTIAL_BODY = "x-envoy-auth-partial-body";

  /** What a request must not have for its body to be all that is ever sent. */
  private static final Set<String> UPGRADES = Set.of("upgrade", ":protocol");

  static CheckHead of(CheckRequest request) {
    AttributeContext attributes = request.getAttributes();
    String endpoint = attributes.getContextExtensionsOrDefault(AuthorizationDoor.ENDPOINT, "");
    return new CheckHead(
        new WireHead(attributes.getRequest().getHttp().getHeaderMap(), Struct.getDefaultInstance()),
        endpoint.isEmpty() ? Optional.empty() : Optional.of(endpoint));
  }

  @Override
  public Optional<String> routeName() {
    return endpoint;
  }

  @Override
  public List<String> header(String lowerCaseName) {
    return fields.header(lowerCaseName);
  }

  @Override
  public int fieldCount() {
    return fields.fieldCount();
  }

  @Override
  public long fieldBytes() {
    return fields.fieldBytes();
  }

  /** Without {@code encode_raw_headers} Envoy joins repeated headers and mends broken bytes. */
  boolean isRaw() {
    return fields.fields().getHeadersCount() > 0;
  }

  /** Whether bytes may follow on the connection that belong to no body. */
  boolean isUpgrade() {
    return header(":method").contains("CONNECT")
        || UPGRADES.stream().anyMatch(name -> !header(name).isEmpty());
  }

  /**
   * Whether the body in the question is all there is.
   *
   * @param bytes of it
   */
  boolean isWhole(int bytes) {
    if (bytes > 0) {
      return header(PARTIAL_BODY).equals(List.of("false"));
    }
    boolean announced =
        !header("transfer-encoding").isEmpty()
            || header("content-length").stream().anyMatch(length -> !length.equals("0"));
    return !announced && !header(PARTIAL_BODY).contains("true");
  }

  /** The names under our prefix that a client sent, but for those that an answer replaces. */
  List<String> spoofed(Set<String> replaced) {
    return fields.fields().getHeadersList().stream()
        .map(HeaderValue::getKey)
        .filter(name -> name.replace('_', '-').startsWith(ResultHeaders.PREFIX))
        .filter(name -> !name.equals(ResultHeaders.SIGNATURE) && !replaced.contains(name))
        .distinct()
        .toList();
  }
}
