package io.zenmesh.extproc.server;

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
import io.zenmesh.extproc.pipeline.Phase;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ProofGate;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.List;
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
    CommonResponse.Builder tagged = proceed().setHeaderMutation(tags);
    ProcessingResponse.Builder answer =
        ProcessingResponse.newBuilder().setDynamicMetadata(template.proof());
    return switch (phase) {
      case HEAD ->
          answer.setRequestHeaders(HeadersResponse.newBuilder().setResponse(tagged)).build();
      case BODY -> answer.setRequestBody(BodyResponse.newBuilder().setResponse(tagged)).build();
    };
  }

  private Template template(EndpointRef ref) {
    if (templates.size() > TEMPLATES) {
      templates.clear();
    }
    Template known = templates.get(ref);
    return known != null ? known : templates.computeIfAbsent(ref, Answers::make);
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
