package io.zenmesh.extproc.server;

import com.google.protobuf.Struct;
import com.google.rpc.Code;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.auth.v3.CheckResponse;
import io.envoyproxy.envoy.service.auth.v3.DeniedHttpResponse;
import io.envoyproxy.envoy.service.auth.v3.OkHttpResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The answers of ext_proc as ext_authz gives them.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The status is always set: Envoy takes an answer without one for consent. What lets a request
 * on is the proof in it, which the gate reads.
 */
final class CheckAnswers {
  private static final Status OK = Status.newBuilder().setCode(Code.OK_VALUE).build();
  private static final Status DENIED =
      Status.newBuilder().setCode(Code.PERMISSION_DENIED_VALUE).build();

  /** 403 without a body. */
  static final CheckResponse FORBIDDEN =
      CheckResponse.newBuilder()
          .setStatus(DENIED)
          .setDeniedResponse(
              DeniedHttpResponse.newBuilder().setStatus(HttpStatus.newBuilder().setCodeValue(403)))
          .build();

  private CheckAnswers() {}

  /** An answer to the sender. */
  static CheckResponse denied(ImmediateResponse answer) {
    return CheckResponse.newBuilder()
        .setStatus(DENIED)
        .setDeniedResponse(
            DeniedHttpResponse.newBuilder()
                .setStatus(answer.getStatus())
                .addAllHeaders(texts(answer.getHeaders().getSetHeadersList()))
                .setBody(answer.getBody().toStringUtf8()))
        .build();
  }

  /**
   * Lets a request on.
   *
   * @param answer with tags and proof, to a request's headers or body
   * @param head whose result headers are removed, as far as the tags do not replace them
   */
  static CheckResponse letOn(ProcessingResponse answer, CheckHead head) {
    CommonResponse common =
        answer.hasRequestBody()
            ? answer.getRequestBody().getResponse()
            : answer.getRequestHeaders().getResponse();
    List<HeaderValueOption> tags = texts(common.getHeaderMutation().getSetHeadersList());
    Set<String> names =
        tags.stream().map(tag -> tag.getHeader().getKey()).collect(Collectors.toSet());
    Struct proof = answer.getDynamicMetadata();
    return CheckResponse.newBuilder()
        .setStatus(OK)
        .setOkResponse(
            OkHttpResponse.newBuilder()
                .addAllHeaders(tags)
                .addAllHeadersToRemove(head.spoofed(names)))
        .setDynamicMetadata(proof)
        .build();
  }

  /** ext_authz reads no raw values; ours are all ASCII. */
  private static List<HeaderValueOption> texts(List<HeaderValueOption> headers) {
    return headers.stream()
        .map(option -> {
          HeaderValue header = option.getHeader();
          return option.toBuilder()
              .setHeader(
                  HeaderValue.newBuilder()
                      .setKey(header.getKey())
                      .setValue(header.getRawValue().toStringUtf8()))
              .build();
        })
        .toList();
  }
}
