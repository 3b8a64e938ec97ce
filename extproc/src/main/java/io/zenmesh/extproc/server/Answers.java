package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.zenmesh.extproc.pipeline.Acceptance;
import io.zenmesh.extproc.pipeline.Effect;
import io.zenmesh.extproc.pipeline.Phase;
import io.zenmesh.extproc.signature.Challenge;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ProofGate;
import io.zenmesh.xds.resource.ResultHeaders;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
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

  /** Admits a request at the gates of routes in dry run, and at no other. */
  private static final Struct DRY_RUN =
      gate(Map.of(ProofGate.VERIFIED, false, ProofGate.DRY_RUN, true));

  private static final int TEMPLATES = 10_000;

  private final ConcurrentHashMap<EndpointRef, Template> templates = new ConcurrentHashMap<>();

  private record Template(List<HeaderValueOption> tags, Struct proof) {}

  private static CommonResponse.Builder proceed() {
    return CommonResponse.newBuilder().setStatus(CommonResponse.ResponseStatus.CONTINUE);
  }

  /** Lets a verified request on: the tags, and the proof that the gate asks for. */
  ProcessingResponse letOn(Acceptance acceptance, Phase phase) {
    Template template = template(acceptance.endpoint().ref());
    HeaderMutation tags =
        HeaderMutation.newBuilder()
            .addAllSetHeaders(template.tags())
            .addSetHeaders(Problem.header(ResultHeaders.EVENT_ID, acceptance.eventId()))
            .build();
    return letOn(tags, template.proof(), phase);
  }

  /** Lets a request on that may be verified or not: the verdict as a tag, and no proof. */
  static ProcessingResponse letOnInDryRun(Effect.LetOnInDryRun dryRun) {
    EndpointRef ref = dryRun.endpoint().ref();
    String verdict = dryRun.reason().map(reason -> "refused:" + reason.code()).orElse("verified");
    HeaderMutation tags =
        HeaderMutation.newBuilder()
            .addSetHeaders(Problem.header(ResultHeaders.TENANT, ref.tenant().value()))
            .addSetHeaders(Problem.header(ResultHeaders.ENDPOINT, ref.endpoint().value()))
            .addSetHeaders(Problem.header(ResultHeaders.EVENT_ID, dryRun.eventId()))
            .addSetHeaders(Problem.header(ResultHeaders.VERDICT, verdict))
            .build();
    return letOn(tags, DRY_RUN, dryRun.phase());
  }

  private static ProcessingResponse letOn(HeaderMutation tags, Struct metadata, Phase phase) {
    CommonResponse.Builder tagged = proceed().setHeaderMutation(tags);
    ProcessingResponse.Builder answer =
        ProcessingResponse.newBuilder().setDynamicMetadata(metadata);
    return switch (phase) {
      case HEAD ->
          answer.setRequestHeaders(HeadersResponse.newBuilder().setResponse(tagged)).build();
      case BODY -> answer.setRequestBody(BodyResponse.newBuilder().setResponse(tagged)).build();
    };
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

  private Template template(EndpointRef ref) {
    if (templates.size() > TEMPLATES) {
      templates.clear();
    }
    Template known = templates.get(ref);
    return known != null ? known : templates.computeIfAbsent(ref, Answers::make);
  }

  private static Struct gate(Map<String, Boolean> keys) {
    Struct.Builder gate = Struct.newBuilder();
    keys.forEach(
        (key, value) -> gate.putFields(key, Value.newBuilder().setBoolValue(value).build()));
    return Struct.newBuilder()
        .putFields(ProofGate.NAMESPACE, Value.newBuilder().setStructValue(gate).build())
        .build();
  }

  /** The only place in the product that sets the proof. */
  private static Template make(EndpointRef ref) {
    String tenant = ref.tenant().value();
    String endpoint = ref.endpoint().value();
    Struct proof =
        Struct.newBuilder()
            .putFields(ProofGate.VERIFIED, Value.newBuilder().setBoolValue(true).build())
            .putFields("tenant", Value.newBuilder().setStringValue(tenant).build())
            .putFields("endpoint", Value.newBuilder().setStringValue(endpoint).build())
            .build();
    return new Template(
        List.of(
            Problem.header(ResultHeaders.TENANT, tenant),
            Problem.header(ResultHeaders.ENDPOINT, endpoint),
            Problem.header(ResultHeaders.VERIFIED, "true")),
        Struct.newBuilder()
            .putFields(ProofGate.NAMESPACE, Value.newBuilder().setStructValue(proof).build())
            .build());
  }
}
