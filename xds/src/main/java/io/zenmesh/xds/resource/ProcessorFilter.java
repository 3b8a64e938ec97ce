package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.common.mutation_rules.v3.HeaderMutationRules;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcOverrides;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.MetadataOptions;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;

/**
 * The filter that asks the external processor about each request, body included.
 *
 * <p>Headers and trailers are sent, the body is buffered, and no failure of the processor lets a
 * request on. The processor may set only the headers in {@link #MUTABLE_HEADERS}; the same rule
 * governs its immediate responses.
 */
final class ProcessorFilter {
  static final String FILTER = "envoy.filters.http.ext_proc";

  /**
   * The headers that the processor may set: our own, those of a challenge's answer, and those of a
   * refusal. Envoy refuses a regex whose RE2 program is longer than 100 instructions.
   */
  static final String MUTABLE_HEADERS =
      "^(x-zen-.*|x-hook-secret|x-content-type-options|content-type|retry-after|webhook-.*)$";

  /** The one thing Envoy tells the processor about the request beside its bytes. */
  static final String ROUTE_NAME = "xds.route_name";

  private ProcessorFilter() {}

  static HttpFilter filter() {
    ExternalProcessor processor =
        ExternalProcessor.newBuilder()
            .setGrpcService(
                GrpcService.newBuilder()
                    .setEnvoyGrpc(
                        GrpcService.EnvoyGrpc.newBuilder()
                            .setClusterName(ResourceNames.EXTPROC_CLUSTER)))
            .setFailureModeAllow(false)
            .setProcessingMode(mode(HeaderSendMode.SKIP))
            .addRequestAttributes(ROUTE_NAME)
            .setMessageTimeout(Limits.PROCESSOR_MESSAGE)
            .setMutationRules(
                HeaderMutationRules.newBuilder()
                    .setDisallowAll(BoolValue.of(true))
                    .setAllowExpression(RegexMatcher.newBuilder().setRegex(MUTABLE_HEADERS))
                    .setDisallowIsError(BoolValue.of(true)))
            .setMetadataOptions(
                MetadataOptions.newBuilder()
                    .setReceivingNamespaces(
                        MetadataOptions.MetadataNamespaces.newBuilder()
                            .addUntyped(ProofGate.NAMESPACE)))
            .setRouteCacheAction(ExternalProcessor.RouteCacheAction.RETAIN)
            .build();
    return HttpFilter.newBuilder().setName(FILTER).setTypedConfig(Any.pack(processor)).build();
  }

  /** The per-route configuration of endpoints whose replay claim depends on the response. */
  static Any outcomeOverride() {
    return Any.pack(
        ExtProcPerRoute.newBuilder()
            .setOverrides(
                ExtProcOverrides.newBuilder().setProcessingMode(mode(HeaderSendMode.SEND)))
            .build());
  }

  /** An override replaces the whole mode, so every field is set in both. */
  private static ProcessingMode mode(HeaderSendMode responseHeaders) {
    return ProcessingMode.newBuilder()
        .setRequestHeaderMode(HeaderSendMode.SEND)
        .setResponseHeaderMode(responseHeaders)
        .setRequestBodyMode(BodySendMode.BUFFERED)
        .setResponseBodyMode(BodySendMode.NONE)
        .setRequestTrailerMode(HeaderSendMode.SEND)
        .setResponseTrailerMode(HeaderSendMode.SKIP)
        .build();
  }
}
