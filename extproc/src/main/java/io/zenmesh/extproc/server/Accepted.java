package io.zenmesh.extproc.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.zenmesh.extproc.pipeline.Phase;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ProofGate;
import io.zenmesh.xds.resource.ResultHeaders;
import java.util.List;

/**
 * What lets one endpoint's verified requests on: the tags, and the proof that the gate asks for.
 *
 * <p>All of it but the event's id is the same each time, so it is written once, and the id put into
 * a copy. Immutable, thread-safe.
 */
final class Accepted {
  private final List<HeaderValueOption> tags;
  private final Struct proof;
  private final Blank inHead;
  private final Blank inBody;

  /** The only place in the product that sets the proof. */
  Accepted(EndpointRef ref) {
    String tenant = ref.tenant().value();
    String endpoint = ref.endpoint().value();
    Struct facts =
        Struct.newBuilder()
            .putFields(ProofGate.VERIFIED, Value.newBuilder().setBoolValue(true).build())
            .putFields("tenant", Value.newBuilder().setStringValue(tenant).build())
            .putFields("endpoint", Value.newBuilder().setStringValue(endpoint).build())
            .build();
    proof =
        Struct.newBuilder()
            .putFields(ProofGate.NAMESPACE, Value.newBuilder().setStructValue(facts).build())
            .build();
    tags =
        List.of(
            Problem.header(ResultHeaders.TENANT, tenant),
            Problem.header(ResultHeaders.ENDPOINT, endpoint),
            Problem.header(ResultHeaders.VERIFIED, "true"));
    inHead = Blank.of(message(Blank.PLACE, Phase.HEAD));
    inBody = Blank.of(message(Blank.PLACE, Phase.BODY));
  }

  Answer answer(String eventId, Phase phase) {
    Blank blank = phase == Phase.HEAD ? inHead : inBody;
    return blank.filled(eventId).orElseGet(() -> Answer.of(message(eventId, phase)));
  }

  /** The same, not yet written. */
  ProcessingResponse message(String eventId, Phase phase) {
    HeaderMutation mutation =
        HeaderMutation.newBuilder()
            .addAllSetHeaders(tags)
            .addSetHeaders(Problem.header(ResultHeaders.EVENT_ID, eventId))
            .build();
    CommonResponse.Builder tagged =
        CommonResponse.newBuilder()
            .setStatus(CommonResponse.ResponseStatus.CONTINUE)
            .setHeaderMutation(mutation);
    ProcessingResponse.Builder answer = ProcessingResponse.newBuilder().setDynamicMetadata(proof);
    return switch (phase) {
      case HEAD ->
          answer.setRequestHeaders(HeadersResponse.newBuilder().setResponse(tagged)).build();
      case BODY -> answer.setRequestBody(BodyResponse.newBuilder().setResponse(tagged)).build();
    };
  }
}
