package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.accesslog.v3.AccessLog;
import io.envoyproxy.envoy.config.core.v3.SubstitutionFormatString;
import io.envoyproxy.envoy.extensions.access_loggers.stream.v3.StdoutAccessLog;

/**
 * One JSON line per request on standard output.
 *
 * <p>No header values but method, host and path without its query: signatures, tokens and challenge
 * values travel in the others. JSON encoding escapes what a client sends.
 */
final class AccessLogs {
  private AccessLogs() {}

  static AccessLog json() {
    Struct fields =
        Struct.newBuilder()
            .putFields("time", text("%START_TIME%"))
            .putFields("route", text("%ROUTE_NAME%"))
            .putFields("method", text("%REQ(:METHOD):16%"))
            .putFields("authority", text("%REQ(:AUTHORITY):255%"))
            .putFields("path", text("%PATH(NQ:PATH):512%"))
            .putFields("protocol", text("%PROTOCOL%"))
            .putFields("tls", text("%DOWNSTREAM_TLS_VERSION%"))
            .putFields("peer", text("%DOWNSTREAM_PEER_URI_SAN%"))
            .putFields("source", text("%DOWNSTREAM_DIRECT_REMOTE_ADDRESS_WITHOUT_PORT%"))
            .putFields("request_id", text("%REQ(X-REQUEST-ID):64%"))
            .putFields("status", text("%RESPONSE_CODE%"))
            .putFields("flags", text("%RESPONSE_FLAGS%"))
            .putFields("details", text("%RESPONSE_CODE_DETAILS%"))
            .putFields("bytes_in", text("%BYTES_RECEIVED%"))
            .putFields("bytes_out", text("%BYTES_SENT%"))
            .putFields("ms", text("%DURATION%"))
            .putFields("upstream", text("%UPSTREAM_HOST%"))
            .build();
    return AccessLog.newBuilder()
        .setName("envoy.access_loggers.stdout")
        .setTypedConfig(
            Any.pack(
                StdoutAccessLog.newBuilder()
                    .setLogFormat(SubstitutionFormatString.newBuilder().setJsonFormat(fields))
                    .build()))
        .build();
  }

  private static Value text(String value) {
    return Value.newBuilder().setStringValue(value).build();
  }
}
