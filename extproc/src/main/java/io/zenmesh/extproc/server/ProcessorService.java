package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.Status;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.replay.ReplayGuard;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/** Envoy's external processor: one stream per request. Thread-safe. */
final class ProcessorService extends ExternalProcessorGrpc.ExternalProcessorImplBase {
  /** As many as one Envoy's circuit breaker lets through to its processor. */
  static final int MAX_STREAMS = 10_000;

  private final Pipeline pipeline;
  private final ReplayGuard guard;
  private final TrafficObserver observer;
  private final RefusalLog refusals;
  private final BodyBudget bodies;
  private final ChallengePorts challenges;
  private final Answers answers = new Answers();
  private final AtomicInteger streams = new AtomicInteger();

  ProcessorService(
      Pipeline pipeline,
      ReplayGuard guard,
      TrafficObserver observer,
      BodyBudget bodies,
      ChallengePorts challenges,
      LongSupplier nanoTime) {
    this.challenges = challenges;
    this.bodies = bodies;
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
    call.setOnCancelHandler(streams::decrementAndGet);
    call.setOnCloseHandler(streams::decrementAndGet);
    if (streams.incrementAndGet() > MAX_STREAMS) {
      call.onError(Status.RESOURCE_EXHAUSTED.withDescription("streams").asRuntimeException());
      return Unheard.UNHEARD;
    }
    return new RequestStream(this, call);
  }

  /** What still comes on a stream that was refused. */
  private enum Unheard implements StreamObserver<ProcessingRequest> {
    UNHEARD;

    @Override
    public void onNext(ProcessingRequest message) {}

    @Override
    public void onError(Throwable cancelled) {}

    @Override
    public void onCompleted() {}
  }

  BodyBudget bodies() {
    return bodies;
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

  ChallengePorts challenges() {
    return challenges;
  }

  Answers answers() {
    return answers;
  }
}
