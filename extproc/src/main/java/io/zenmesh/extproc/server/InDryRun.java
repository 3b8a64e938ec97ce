package io.zenmesh.extproc.server;

import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.zenmesh.extproc.pipeline.Effect;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ProofGate;
import io.zenmesh.xds.resource.ResultHeaders;

/** What lets a request on that may be verified or not: the verdict as a tag, and no proof. */
final class InDryRun {
  /** Admits a request at the gates of routes in dry run, and at no other. */
  private static final Struct METADATA =
      Struct.newBuilder()
          .putFields(
              ProofGate.NAMESPACE,
              Value.newBuilder()
                  .setStructValue(
                      Struct.newBuilder()
                          .putFields(ProofGate.VERIFIED, flag(false))
                          .putFields(ProofGate.DRY_RUN, flag(true)))
                  .build())
          .build();

  private InDryRun() {}

  private static Value flag(boolean value) {
    return Value.newBuilder().setBoolValue(value).build();
  }

  static ProcessingResponse answer(Effect.LetOnInDryRun dryRun) {
    EndpointRef ref = dryRun.endpoint().ref();
    String verdict = dryRun.reason().map(reason -> "refused:" + reason.code()).orElse("verified");
    CommonResponse.Builder tagged =
        CommonResponse.newBuilder()
            .setStatus(CommonResponse.ResponseStatus.CONTINUE)
            .setHeaderMutation(
                HeaderMutation.newBuilder()
                    .addSetHeaders(Problem.header(ResultHeaders.TENANT, ref.tenant().value()))
                    .addSetHeaders(Problem.header(ResultHeaders.ENDPOINT, ref.endpoint().value()))
                    .addSetHeaders(Problem.header(ResultHeaders.EVENT_ID, dryRun.eventId()))
                    .addSetHeaders(Problem.header(ResultHeaders.VERDICT, verdict)));
    ProcessingResponse.Builder answer =
        ProcessingResponse.newBuilder().setDynamicMetadata(METADATA);
    return switch (dryRun.phase()) {
      case HEAD ->
          answer.setRequestHeaders(HeadersResponse.newBuilder().setResponse(tagged)).build();
      case BODY -> answer.setRequestBody(BodyResponse.newBuilder().setResponse(tagged)).build();
    };
  }
}
