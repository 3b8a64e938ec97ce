package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions.HeadersWithUnderscoresAction;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.extensions.filters.http.router.v3.Router;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.CodecType;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ForwardClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.InternalAddressConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.PathWithEscapedSlashesAction;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.ServerHeaderTransformation;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.SetCurrentClientCertDetails;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.Rds;

/** The HTTP connection managers of both listeners: what is refused before any filter runs. */
final class ConnectionManager {
  static final String FILTER = "envoy.filters.network.http_connection_manager";
  static final String ROUTER = "envoy.filters.http.router";

  private ConnectionManager() {}

  /** Faces webhook sources that show no certificate. */
  static Filter ingress() {
    return ingress(ResourceNames.INGRESS, ProcessorFilter.filter());
  }

  /** Faces the webhook sources of a host that asks for their certificate; serves no other host. */
  static Filter clientHost(String host) {
    return ingress(ResourceNames.clientHost(host), ProcessorFilter.clientFilter());
  }

  private static Filter ingress(String routes, HttpFilter processor) {
    return filter(
        hardened(ResourceNames.INGRESS, routes, Limits.INGRESS_CONNECTION_IDLE)
            .setForwardClientCertDetails(ForwardClientCertDetails.SANITIZE_SET)
            .setSetCurrentClientCertDetails(
                SetCurrentClientCertDetails.newBuilder()
                    .setSubject(BoolValue.of(true))
                    .setUri(true)
                    .setDns(true))
            .setLocalReplyConfig(LocalReplies.ingress())
            .addEarlyHeaderMutationExtensions(ResultHeaders.stripRule())
            .addAllHttpFilters(AccessFilters.filters())
            .addHttpFilters(processor)
            .addHttpFilters(ProofGate.filter())
            .addHttpFilters(router())
            .build());
  }

  /** Faces ingress Envoys, whose headers it trusts because of who they are. */
  static Filter egress() {
    return filter(
        hardened(ResourceNames.EGRESS, ResourceNames.EGRESS, Limits.EGRESS_CONNECTION_IDLE)
            .setForwardClientCertDetails(ForwardClientCertDetails.SANITIZE)
            .setLocalReplyConfig(LocalReplies.egress())
            .setPreserveExternalRequestId(true)
            .setSkipXffAppend(true)
            .addHttpFilters(router())
            .build());
  }

  private static HttpConnectionManager.Builder hardened(String name, String routes, Duration idle) {
    return HttpConnectionManager.newBuilder()
        .setStatPrefix(name)
        .setCodecType(CodecType.AUTO)
        .setRds(Rds.newBuilder().setRouteConfigName(routes).setConfigSource(Tls.adsForListener()))
        .setServerName("zen")
        .setServerHeaderTransformation(ServerHeaderTransformation.OVERWRITE)
        .setUseRemoteAddress(BoolValue.of(true))
        .setInternalAddressConfig(noInternalAddress())
        .setGenerateRequestId(BoolValue.of(true))
        .setNormalizePath(BoolValue.of(true))
        .setMergeSlashes(true)
        .setPathWithEscapedSlashesAction(PathWithEscapedSlashesAction.REJECT_REQUEST)
        .setRequestHeadersTimeout(Limits.REQUEST_HEADERS)
        .setRequestTimeout(Limits.REQUEST)
        .setStreamIdleTimeout(Limits.STREAM_IDLE)
        .setMaxRequestHeadersKb(Limits.number(Limits.REQUEST_HEADERS_KB))
        .setCommonHttpProtocolOptions(
            HttpProtocolOptions.newBuilder()
                .setIdleTimeout(idle)
                .setMaxHeadersCount(Limits.number(Limits.REQUEST_HEADERS_COUNT))
                .setHeadersWithUnderscoresAction(HeadersWithUnderscoresAction.REJECT_REQUEST))
        .setHttpProtocolOptions(http1())
        .setHttp2ProtocolOptions(http2())
        .addAccessLog(AccessLogs.json());
  }

  /**
   * No client's x-envoy-* or x-request-id headers count. Left out or empty, the list would be the
   * private ranges; this address cannot be a source.
   */
  private static InternalAddressConfig noInternalAddress() {
    return InternalAddressConfig.newBuilder()
        .addCidrRanges(
            CidrRange.newBuilder()
                .setAddressPrefix("255.255.255.255")
                .setPrefixLen(Limits.number(32)))
        .build();
  }

  /** Trailers are let through to the processor, which refuses them; dropped, nobody would know. */
  private static Http1ProtocolOptions http1() {
    return Http1ProtocolOptions.newBuilder()
        .setAllowAbsoluteUrl(BoolValue.of(false))
        .setAcceptHttp10(false)
        .setAllowChunkedLength(false)
        .setEnableTrailers(true)
        .build();
  }

  private static Http2ProtocolOptions http2() {
    return Http2ProtocolOptions.newBuilder()
        .setMaxConcurrentStreams(Limits.number(Limits.STREAMS_PER_CONNECTION))
        .setInitialStreamWindowSize(Limits.number(Limits.STREAM_WINDOW_BYTES))
        .setInitialConnectionWindowSize(Limits.number(Limits.CONNECTION_WINDOW_BYTES))
        .setAllowConnect(false)
        .setAllowMetadata(false)
        .build();
  }

  private static HttpFilter router() {
    return HttpFilter.newBuilder()
        .setName(ROUTER)
        .setTypedConfig(Any.pack(Router.newBuilder().setSuppressEnvoyHeaders(true).build()))
        .build();
  }

  private static Filter filter(HttpConnectionManager manager) {
    return Filter.newBuilder().setName(FILTER).setTypedConfig(Any.pack(manager)).build();
  }
}
