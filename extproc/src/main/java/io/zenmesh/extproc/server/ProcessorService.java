package io.zenmesh.extproc.server;

import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.BindableService;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.replay.ReplayGuard;
import java.net.URI;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;

/**
 * Envoy's external processor: one call per request. Thread-safe.
 *
 * <p>Not by the generated stub: that makes an exception with its stack trace for each call Envoy
 * resets, which is how every accepted request ends.
 */
final class ProcessorService implements BindableService {
  /** As many as one Envoy's circuit breaker lets through to its processor. */
  static final int MAX_STREAMS = 10_000;

  private final Pipeline pipeline;
  private final ReplayGuard guard;
  private final TrafficObserver observer;
  private final RefusalLog refusals;
  private final BodyBudget bodies;
  private final ChallengePorts challenges;
  private final ScheduledExecutorService timer;
  private final Receipts receipts;
  private final Answers answers = new Answers();
  private final AtomicInteger streams = new AtomicInteger();

  ProcessorService(
      Pipeline pipeline,
      ReplayGuard guard,
      TrafficObserver observer,
      BodyBudget bodies,
      ChallengePorts challenges,
      ScheduledExecutorService timer,
      Receipts receipts,
      LongSupplier nanoTime) {
    this.timer = timer;
    this.receipts = receipts;
    this.challenges = challenges;
    this.bodies = bodies;
    this.pipeline = pipeline;
    this.guard = guard;
    this.observer = observer;
    this.refusals = new RefusalLog(nanoTime);
  }

  @Override
  public ServerServiceDefinition bindService() {
    MethodDescriptor<ProcessingRequest, ProcessingResponse> defined =
        ExternalProcessorGrpc.getProcessMethod();
    return ServerServiceDefinition.builder(ExternalProcessorGrpc.SERVICE_NAME)
        .addMethod(
            defined.toBuilder(defined.getRequestMarshaller(), Answer.MARSHALLER).build(),
            (call, headers) -> begin(call))
        .build();
  }

  private ServerCall.Listener<ProcessingRequest> begin(ServerCall<ProcessingRequest, Answer> call) {
    if (streams.incrementAndGet() > MAX_STREAMS) {
      call.close(Status.RESOURCE_EXHAUSTED.withDescription("streams"), new Metadata());
      return new Unheard();
    }
    call.request(1);
    return new RequestStream(this, call);
  }

  /** A call is over, however it ended. */
  void ended() {
    streams.decrementAndGet();
  }

  /** What still comes on a call that was refused. */
  private final class Unheard extends ServerCall.Listener<ProcessingRequest> {
    @Override
    public void onCancel() {
      ended();
    }

    @Override
    public void onComplete() {
      ended();
    }
  }

  /** Has a subscription confirmed by who the endpoint says. */
  void confirm(PreparedEndpoint endpoint, URI url) {
    boolean byItself = endpoint.policy().settings().autoConfirm();
    observer.subscriptionAsked(endpoint, byItself);
    (byItself ? challenges.client() : challenges.operator()).confirm(endpoint.ref(), url);
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

  /** Where a wait ends: the event loops, of which none is ever blocked. */
  ScheduledExecutorService timer() {
    return timer;
  }

  ChallengePorts challenges() {
    return challenges;
  }

  Receipts receipts() {
    return receipts;
  }

  Answers answers() {
    return answers;
  }
}
