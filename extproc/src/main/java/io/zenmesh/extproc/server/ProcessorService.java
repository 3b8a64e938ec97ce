package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.replay.ReplayGuard;
import java.util.function.LongSupplier;

/** Envoy's external processor: one stream per request. Thread-safe. */
final class ProcessorService extends ExternalProcessorGrpc.ExternalProcessorImplBase {
  private final Pipeline pipeline;
  private final ReplayGuard guard;
  private final TrafficObserver observer;
  private final RefusalLog refusals;
  private final Answers answers = new Answers();

  ProcessorService(
      Pipeline pipeline, ReplayGuard guard, TrafficObserver observer, LongSupplier nanoTime) {
    this.pipeline = pipeline;
    this.guard = guard;
    this.observer = observer;
    this.refusals = new RefusalLog(nanoTime);
  }

  @Override
  public StreamObserver<ProcessingRequest> process(StreamObserver<ProcessingResponse> envoy) {
    ServerCallStreamObserver<ProcessingResponse> call =
        (ServerCallStreamObserver<ProcessingResponse>) envoy;
    // With a handler set, answers that cross a reset are dropped instead of throwing.
    call.setOnCancelHandler(() -> {});
    return new RequestStream(this, call);
  }

  Pipeline pipeline() {
    return pipeline;
  }

  ReplayGuard guard() {
    return guard;
  }

  TrafficObserver observer() {
    return observer;
  }

  RefusalLog refusals() {
    return refusals;
  }

  Answers answers() {
    return answers;
  }
}
