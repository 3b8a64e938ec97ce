package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLogFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ComparisonFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ExtensionFilter;
import io.envoyproxy.envoy.config.accesslog.v3.OrFilter;
import io.envoyproxy.envoy.config.accesslog.v3.ResponseFlagFilter;
import io.envoyproxy.envoy.config.accesslog.v3.StatusCodeFilter;
import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.RuntimeUInt32;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.filters.cel.v3.ExpressionFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.LocalReplyConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.ResponseMapper;
import java.util.List;

/**
 * The bodies of Envoy's own answers: constant problem documents (RFC 9457).
 *
 * <p>Without them Envoy tells the caller why a connection to the upstream failed, TLS errors and
 * addresses included. The processor's immediate responses carry no response flag and a status other
 * than 500 and 504, so they pass unchanged; for 413 both say the same.
 */
final class LocalReplies {
  private static final String PROBLEM = "application/problem+json";

  /** Envoy's flags for whatever went wrong behind it. */
  private static final List<String> UPSTREAM_FLAGS =
      List.of(
          "LH", "UH", "UT", "LR", "UR", "UF", "UC", "UO", "URX", "NC", "DT", "UPE", "UMSDR", "NFCF",
          "OM");

  private LocalReplies() {}

  static LocalReplyConfig egress() {
    return LocalReplyConfig.newBuilder().addMappers(unknown()).addAllMappers(failures()).build();
  }

  static LocalReplyConfig ingress() {
    return LocalReplyConfig.newBuilder()
        .addMappers(unknown())
        .addAllMappers(denials())
        .addAllMappers(failures())
        .build();
  }

  private static ResponseMapper unknown() {
    return ResponseMapper.newBuilder()
        .setFilter(flags(List.of("NR")))
        .setBodyFormatOverride(problem("endpoint_unknown", "No such endpoint"))
        .build();
  }

  private static List<ResponseMapper> denials() {
    return List.of(
        ResponseMapper.newBuilder()
            .setFilter(deniedBy(AccessFilters.SOURCE_NOT_ALLOWED))
            .setBodyFormatOverride(
                problem(
                    AccessFilters.SOURCE_NOT_ALLOWED,
                    "Requests from this address are not accepted"))
            .build(),
        ResponseMapper.newBuilder()
            .setFilter(deniedBy(AccessFilters.CLIENT_CERTIFICATE_REQUIRED))
            .setBodyFormatOverride(
                problem(
                    AccessFilters.CLIENT_CERTIFICATE_REQUIRED, "A client certificate is required"))
            .build(),
        // The processor's own 429 says the same.
        ResponseMapper.newBuilder()
            .setFilter(status(429))
            .setBodyFormatOverride(problem("rate_limited", "Too many requests"))
            .build());
  }

  private static List<ResponseMapper> failures() {
    return List.of(
        // What is too large for Envoy's own buffer reads as the processor's refusal does.
        ResponseMapper.newBuilder()
            .setFilter(status(413))
            .setBodyFormatOverride(problem("body_too_large", "The body is too large"))
            .build(),
        ResponseMapper.newBuilder()
            .setFilter(
                AccessLogFilter.newBuilder()
                    .setOrFilter(
                        OrFilter.newBuilder()
                            .addFilters(flags(UPSTREAM_FLAGS))
                            .addFilters(status(500))
                            .addFilters(status(504)))
                    .build())
            .setBodyFormatOverride(problem("gateway_unavailable", "Try again later"))
            .addHeadersToAdd(
                HeaderValueOption.newBuilder()
                    .setHeader(HeaderValue.newBuilder().setKey("retry-after").setValue("1"))
                    .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD))
            .build());
  }

  /** An access filter's refusal, which no status or flag tells from that of the proof gate. */
  private static AccessLogFilter deniedBy(String policy) {
    String expression =
        "response.code_details == 'rbac_access_denied_matched_policy[" + policy + "]'";
    return AccessLogFilter.newBuilder()
        .setExtensionFilter(
            ExtensionFilter.newBuilder()
                .setName("envoy.access_loggers.extension_filters.cel")
                .setTypedConfig(
                    Any.pack(ExpressionFilter.newBuilder().setExpression(expression).build())))
        .build();
  }

  private static AccessLogFilter flags(List<String> flags) {
    return AccessLogFilter.newBuilder()
        .setResponseFlagFilter(ResponseFlagFilter.newBuilder().addAllFlags(flags))
        .build();
  }

  private static AccessLogFilter status(int status) {
    return AccessLogFilter.newBuilder()
        .setStatusCodeFilter(
            StatusCodeFilter.newBuilder()
                .setComparison(
                    ComparisonFilter.newBuilder()
                        .setOp(ComparisonFilter.Op.EQ)
                        .setValue(
                            RuntimeUInt32.newBuilder()
                                .setDefaultValue(status)
                                .setRuntimeKey("zen.local_reply.status_" + status))))
        .build();
  }

  private static SubstitutionFormatString problem(String code, String title) {
    String body =
        "{\"type\":\"https://zenmesh.io/problems/"
            + code
            + "\",\"title\":\""
            + title
            + "\",\"status\":%RESPONSE_CODE%,\"code\":\""
            + code
            + "\"}";
    return SubstitutionFormatString.newBuilder()
        .setTextFormatSource(DataSource.newBuilder().setInlineString(body))
        .setContentType(PROBLEM)
        .build();
  }
}
