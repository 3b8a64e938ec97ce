package io.zenmesh.e2e.failclosed;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.service.ext_proc.v3.BodyResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.CommonResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.HeaderMutation;
import io.envoyproxy.envoy.service.ext_proc.v3.HeadersResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** An ext_proc server that verifies nothing and does one thing wrong. */
final class MisbehavingProcessor implements AutoCloseable {
  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final AtomicInteger streams = new AtomicInteger();
  private final Server server;
  private volatile Misbehaviour misbehaviour = Misbehaviour.CLEAN_CLOSE_ON_HEADERS;

  MisbehavingProcessor(Path socket) throws IOException {
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .directExecutor()
            .addService(new Service())
            .build()
            .start();
  }

  void does(Misbehaviour wanted) {
    misbehaviour = wanted;
  }

  /** How many requests it was asked about. */
  int streams() {
    return streams.get();
  }

  @Override
  public void close() {
    server.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private final class Service extends ExternalProcessorGrpc.ExternalProcessorImplBase {
    @Override
    public StreamObserver<ProcessingRequest> process(StreamObserver<ProcessingResponse> answers) {
      int unused = streams.incrementAndGet();
      if (misbehaviour == Misbehaviour.CLEAN_CLOSE_AT_ONCE) {
        answers.onCompleted();
      }
      return new Stream(answers, misbehaviour);
    }
  }

  private record Stream(StreamObserver<ProcessingResponse> answers, Misbehaviour misbehaviour)
      implements StreamObserver<ProcessingRequest> {
    @Override
    public void onNext(ProcessingRequest request) {
      switch (request.getRequestCase()) {
        case REQUEST_HEADERS -> onHeaders();
        case REQUEST_BODY -> onBody();
        default ->
            answers.onNext(
                ProcessingResponse.newBuilder()
                    .setRequestTrailers(TrailersResponse.getDefaultInstance())
                    .build());
      }
    }

    private void onHeaders() {
      switch (misbehaviour) {
        case CLEAN_CLOSE_AT_ONCE, SILENCE_ON_HEADERS -> {}
        case CLEAN_CLOSE_ON_HEADERS -> answers.onCompleted();
        case ERROR_CLOSE_ON_HEADERS ->
            answers.onError(Status.INTERNAL.withDescription("secret detail").asRuntimeException());
        case WRONG_MESSAGE_TYPE_ON_HEADERS -> answers.onNext(body());
        case RESPONSE_MESSAGE_ON_HEADERS ->
            answers.onNext(
                ProcessingResponse.newBuilder()
                    .setResponseHeaders(HeadersResponse.getDefaultInstance())
                    .build());
        case CONTINUE_THEN_CLEAN_CLOSE -> {
          answers.onNext(headers());
          answers.onCompleted();
        }
        case TWO_ANSWERS_TO_HEADERS -> {
          answers.onNext(headers());
          answers.onNext(headers());
        }
        case FORBIDDEN_HEADER ->
            answers.onNext(withHeaders(Map.of("x-forwarded-for", "127.0.0.1")));
        case TAGS_WITHOUT_PROOF ->
            answers.onNext(
                withHeaders(
                    Map.of(
                        "x-zen-tenant",
                        "acme",
                        "x-zen-endpoint",
                        "zen",
                        "x-zen-verified",
                        "true")));
        default -> answers.onNext(headers());
      }
    }

    private void onBody() {
      switch (misbehaviour) {
        case SILENCE_ON_BODY -> {}
        case CLEAN_CLOSE_ON_BODY -> answers.onCompleted();
        case ERROR_CLOSE_ON_BODY ->
            answers.onError(Status.INTERNAL.withDescription("secret detail").asRuntimeException());
        case WRONG_MESSAGE_TYPE_ON_BODY -> answers.onNext(headers());
        case VERIFIED_AS_TEXT ->
            answers.onNext(
                proof("zen.gate", "verified", Value.newBuilder().setStringValue("true").build()));
        case VERIFIED_IN_ANOTHER_NAMESPACE ->
            answers.onNext(
                proof("zen.other", "verified", Value.newBuilder().setBoolValue(true).build()));
        case DRY_RUN_ONLY ->
            answers.onNext(
                proof("zen.gate", "dry_run", Value.newBuilder().setBoolValue(true).build()));
        case DRY_RUN_AS_OUR_OWN ->
            answers.onNext(
                proof(
                    "zen.gate",
                    Map.of(
                        "verified", Value.newBuilder().setBoolValue(false).build(),
                        "dry_run", Value.newBuilder().setBoolValue(true).build())));
        default -> answers.onNext(body());
      }
    }

    @Override
    public void onError(Throwable cause) {}

    @Override
    public void onCompleted() {
      if (misbehaviour == Misbehaviour.CONTINUE_TO_EVERYTHING) {
        answers.onCompleted();
      }
    }

    private static ProcessingResponse headers() {
      return ProcessingResponse.newBuilder()
          .setRequestHeaders(HeadersResponse.getDefaultInstance())
          .build();
    }

    private static ProcessingResponse body() {
      return ProcessingResponse.newBuilder()
          .setRequestBody(BodyResponse.getDefaultInstance())
          .build();
    }

    private static ProcessingResponse withHeaders(Map<String, String> headers) {
      HeaderMutation.Builder mutation = HeaderMutation.newBuilder();
      headers.forEach((name, value) ->
          mutation.addSetHeaders(
              HeaderValueOption.newBuilder()
                  .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
                  .setHeader(
                      HeaderValue.newBuilder()
                          .setKey(name)
                          .setRawValue(ByteString.copyFromUtf8(value)))));
      return ProcessingResponse.newBuilder()
          .setRequestHeaders(
              HeadersResponse.newBuilder()
                  .setResponse(CommonResponse.newBuilder().setHeaderMutation(mutation)))
          .build();
    }

    private static ProcessingResponse proof(String namespace, String key, Value value) {
      return proof(namespace, Map.of(key, value));
    }

    private static ProcessingResponse proof(String namespace, Map<String, Value> keys) {
      Struct inner = Struct.newBuilder().putAllFields(keys).build();
      return body().toBuilder()
          .setDynamicMetadata(
              Struct.newBuilder()
                  .putFields(namespace, Value.newBuilder().setStructValue(inner).build()))
          .build();
    }
  }
}
