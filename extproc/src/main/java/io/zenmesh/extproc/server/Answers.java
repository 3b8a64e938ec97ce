package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.zenmesh.extproc.pipeline.Acceptance;
import io.zenmesh.extproc.pipeline.Phase;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.xds.model.EndpointRef;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentHashMap;

/** Makes the answers that are not refusals; what does not change is made once. Thread-safe. */
final class Answers {
  /** Lets Envoy send the body; neither tag nor proof, for nothing is verified yet. */
  static final ProcessingResponse ASK_FOR_BODY =
      ProcessingResponse.newBuilder()
          .setRequestHeaders(HeadersResponse.newBuilder().setResponse(proceed()))
          .build();

  /** Lets a response on as it is. */
  static final ProcessingResponse PASS_RESPONSE =
      ProcessingResponse.newBuilder()
          .setResponseHeaders(HeadersResponse.newBuilder().setResponse(proceed()))
          .build();

  /** 200 without a body: the message was delivered before. */
  static final ProcessingResponse ACKNOWLEDGED =
      ProcessingResponse.newBuilder()
          .setImmediateResponse(
              ImmediateResponse.newBuilder()
                  .setStatus(HttpStatus.newBuilder().setCodeValue(200))
                  .setDetails("zen_acknowledged"))
          .build();

  /** 200 without a body: who shall confirm the subscription was told. */
  static final ProcessingResponse TOLD =
      ProcessingResponse.newBuilder()
          .setImmediateResponse(
              ImmediateResponse.newBuilder()
                  .setStatus(HttpStatus.newBuilder().setCodeValue(200))
                  .setDetails("zen_subscription"))
          .build();

  private static final int TEMPLATES = 10_000;

  private final ConcurrentHashMap<EndpointRef, Accepted> templates = new ConcurrentHashMap<>();

  private static CommonResponse.Builder proceed() {
    return CommonResponse.newBuilder().setStatus(CommonResponse.ResponseStatus.CONTINUE);
  }

  /** Lets a verified request on. */
  Answer letOn(Acceptance acceptance, Phase phase) {
    return template(acceptance.endpoint().ref()).answer(acceptance.eventId(), phase);
  }

  /** The same, to be told otherwise than by ext_proc. */
  ProcessingResponse letOnMessage(Acceptance acceptance, Phase phase) {
    return template(acceptance.endpoint().ref()).message(acceptance.eventId(), phase);
  }

  /** Answers a provider's question. */
  static ProcessingResponse challenge(Challenge.Answer answer) {
    HeaderMutation.Builder headers = HeaderMutation.newBuilder();
    answer.headers().forEach((name, value) -> headers.addSetHeaders(Problem.header(name, value)));
    return ProcessingResponse.newBuilder()
        .setImmediateResponse(
            ImmediateResponse.newBuilder()
                .setStatus(HttpStatus.newBuilder().setCodeValue(answer.status()))
                .setHeaders(headers)
                .setBody(ByteString.copyFrom(answer.body(), StandardCharsets.US_ASCII))
                .setDetails("zen_challenge"))
        .build();
  }

  private Accepted template(EndpointRef ref) {
    if (templates.size() > TEMPLATES) {
      templates.clear();
    }
    Accepted known = templates.get(ref);
    return known != null ? known : templates.computeIfAbsent(ref, Accepted::new);
  }
}
