package io.zenmesh.xds.resource;

import com.github.xds.type.v3.TypedStruct;
import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutationRules;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.BufferSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.CheckSettings;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthz;
import io.envoyproxy.envoy.extensions.filters.http.ext_authz.v3.ExtAuthzPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;

/**
 * The filter that asks the processor through ext_authz: one question with the whole body, for
 * platforms that offer no other hook.
 */
final class AuthorizationFilter {
  static final String FILTER = "envoy.filters.http.ext_authz";
  static final String TRAILERS_FILTER = "envoy.filters.http.header_mutation";

  private static final String TRAILERS_TYPE =
      "type.googleapis.com/envoy.extensions.filters.http.header_mutation.v3.HeaderMutation";

  private AuthorizationFilter() {}

  static HttpFilter filter() {
    ExtAuthz authorization =
        ExtAuthz.newBuilder()
            .setGrpcService(
                GrpcService.newBuilder()
                    .setTimeout(Limits.PROCESSOR_MESSAGE)
                    .setEnvoyGrpc(
                        GrpcService.EnvoyGrpc.newBuilder()
                            .setClusterName(ResourceNames.EXTPROC_CLUSTER)))
            .setTransportApiVersion(ApiVersion.V3)
            .setFailureModeAllow(false)
            .setStatusOnError(HttpStatus.newBuilder().setCode(StatusCode.ServiceUnavailable))
            .setWithRequestBody(
                BufferSettings.newBuilder()
                    .setMaxRequestBytes(Limits.INGRESS_BUFFER_BYTES)
                    .setAllowPartialMessage(false)
                    .setPackAsBytes(true))
            // Without, repeated headers arrive joined and bytes that are not UTF-8 altered.
            .setEncodeRawHeaders(true)
            .setValidateMutations(true)
            .setDecoderHeaderMutationRules(
                HeaderMutationRules.newBuilder()
                    .setDisallowAll(BoolValue.of(true))
                    .setAllowExpression(
                        RegexMatcher.newBuilder().setRegex(ProcessorFilter.MUTABLE_HEADERS))
                    .setDisallowIsError(BoolValue.of(true)))
            .build();
    return HttpFilter.newBuilder().setName(FILTER).setTypedConfig(Any.pack(authorization)).build();
  }

  /** Tells the processor which endpoint a route is. */
  static Any endpoint(String routeName) {
    return Any.pack(
        ExtAuthzPerRoute.newBuilder()
            .setCheckSettings(
                CheckSettings.newBuilder()
                    .putContextExtensions(AuthorizationDoor.ENDPOINT, routeName))
            .build());
  }

  /**
   * Removes request trailers: ext_authz never shows them to the processor, and no scheme signs
   * them.
   *
   * <p>A TypedStruct, because the field is newer than the proto classes.
   */
  static HttpFilter withoutTrailers() {
    Value every = object("key_matcher", object("safe_regex", object("regex", text(".*"))));
    Struct config =
        Struct.newBuilder()
            .putFields(
                "mutations",
                object(
                    "request_trailers_mutations",
                    Value.newBuilder()
                        .setListValue(
                            ListValue.newBuilder().addValues(object("remove_on_match", every)))
                        .build()))
            .build();
    return HttpFilter.newBuilder()
        .setName(TRAILERS_FILTER)
        .setTypedConfig(
            Any.pack(TypedStruct.newBuilder().setTypeUrl(TRAILERS_TYPE).setValue(config).build()))
        .build();
  }

  private static Value object(String field, Value value) {
    return Value.newBuilder().setStructValue(Struct.newBuilder().putFields(field, value)).build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
