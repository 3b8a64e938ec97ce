package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.zenmesh.extproc.signature.Reason;
import java.util.Arrays;
import java.util.List;

/**
 * The refusals: for each reason one answer, a problem document (RFC 9457), constant but for the id
 * that joins it to its receipt.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Nothing else of the request, of a key or of an error goes into it. All reasons that would help
 * in guessing a signature have the same bytes; only the response code details, which Envoy logs and
 * does not send, tell them apart. An unknown endpoint's has no id: Envoy's own answer has none.
 */
final class Problem {
  private static final int SERVICE_UNAVAILABLE = 503;
  private static final String RETRY_AFTER_SECONDS = "1";
  private static final List<Blank> BY_ORDINAL =
      Arrays.stream(Reason.values()).map(reason -> Blank.of(message(reason, Blank.PLACE))).toList();

  private Problem() {}

  static Answer of(Reason reason, String correlation) {
    return BY_ORDINAL
        .get(reason.ordinal())
        .filled(correlation)
        .orElseGet(() -> Answer.of(message(reason, correlation)));
  }

  /** The same, to be told otherwise than by ext_proc. */
  static ProcessingResponse message(Reason reason, String correlation) {
    HeaderMutation.Builder headers =
        HeaderMutation.newBuilder()
            .addSetHeaders(header("content-type", "application/problem+json"));
    if (reason.status() == SERVICE_UNAVAILABLE || reason == Reason.RATE_LIMITED) {
      headers.addSetHeaders(header("retry-after", RETRY_AFTER_SECONDS));
    }
    return ProcessingResponse.newBuilder()
        .setImmediateResponse(
            ImmediateResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(reason.status()))
                .setHeaders(headers)
                .setBody(ByteString.copyFromUtf8(body(reason, correlation)))
                .setDetails("zen_" + reason.code()))
        .build();
  }

  /** The document's text. */
  static String body(Reason reason, String correlation) {
    String code = reason.outwardCode();
    return "{\"type\":\"https://zenmesh.io/problems/"
        + code
        + "\",\"title\":\""
        + title(reason)
        + "\",\"status\":"
        + reason.status()
        + ",\"code\":\""
        + code
        + (reason == Reason.ENDPOINT_UNKNOWN ? "" : "\",\"correlationId\":\"" + correlation)
        + "\"}";
  }

  private static String title(Reason reason) {
    return switch (reason) {
      case SIGNATURE_MALFORMED -> "The signature is malformed";
      case HEADER_DUPLICATED -> "A header that must stand once stands twice";
      case TIMESTAMP_MALFORMED -> "The timestamp is malformed";
      case BODY_MALFORMED -> "The request's body cannot be accepted as it was sent";
      case SIGNATURE_MISSING,
          SIGNATURE_MISMATCH,
          SIGNATURE_VERSION_UNSUPPORTED,
          TIMESTAMP_MISSING,
          TIMESTAMP_TOO_OLD,
          TIMESTAMP_IN_FUTURE,
          KEY_OUTSIDE_VALIDITY ->
          "The request is not authentic";
      case CLIENT_CERTIFICATE_REQUIRED -> "A client certificate is required";
      // Byte for byte what Envoy answers by itself where no route matches.
      case ENDPOINT_UNKNOWN -> "No such endpoint";
      case REPLAYED -> "The message was accepted before";
      case BODY_TOO_LARGE -> "The body is too large";
      case HEADERS_TOO_LARGE -> "The headers are too many or too large";
      case RATE_LIMITED -> "Too many requests";
      case KEY_UNAVAILABLE, POLICY_NOT_LOADED, STORE_UNAVAILABLE, RECEIPT_UNAVAILABLE ->
          "Try again later";
      case IN_FLIGHT -> "The message is being delivered; try again later";
    };
  }

  static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(
            HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)))
        .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
        .build();
  }
}
