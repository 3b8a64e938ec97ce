package io.zenmesh.envoyconfig;

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
import io.envoyproxy.envoy.service.ext_proc.v3.ImmediateResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.envoyproxy.envoy.service.ext_proc.v3.TrailersResponse;
import io.envoyproxy.envoy.type.v3.HttpStatus;
import io.envoyproxy.envoy.type.v3.StatusCode;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.resource.ProofGate;
import io.zenmesh.xds.resource.ResultHeaders;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** An external processor that does what the request's {@code x-act} header says. */
final class ScriptedProcessor extends ExternalProcessorGrpc.ExternalProcessorImplBase
    implements AutoCloseable {
  /** What the processor does with a request. */
  enum Act {
    /** Verifies, and says so in headers and metadata. */
    ACCEPT,
    /** Tags the request as verified, and forgets the proof. */
    FORGET_PROOF,
    /** Ends the stream cleanly instead of answering. */
    CLOSE,
    /** Answers by itself. */
    REFUSE
  }

  private final EventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final Server server;
  private final List<ProcessingRequest> received = new CopyOnWriteArrayList<>();

  ScriptedProcessor(Path socket) throws IOException {
    server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollServerDomainSocketChannel.class)
            .bossEventLoopGroup(loop)
            .workerEventLoopGroup(loop)
            .maxInboundMessageSize(8 * 1024 * 1024)
            .directExecutor()
            .addService(this)
            .build()
            .start();
  }

  /** Every message Envoy sent. */
  List<ProcessingRequest> received() {
    return received;
  }

  @Override
  public StreamObserver<ProcessingRequest> process(StreamObserver<ProcessingResponse> answers) {
    return new StreamObserver<>() {
      private Act act = Act.FORGET_PROOF;
      private EndpointRef endpoint = ExampleMesh.ORDERS;

      @Override
      public void onNext(ProcessingRequest request) {
        received.add(request);
        if (request.hasRequestHeaders()) {
          act = act(request);
          endpoint = endpoint(request).orElse(endpoint);
        }
        answer(request, act, endpoint, answers);
      }

      @Override
      public void onError(Throwable error) {}

      @Override
      public void onCompleted() {
        answers.onCompleted();
      }
    };
  }

  private static Act act(ProcessingRequest request) {
    return request.getRequestHeaders().getHeaders().getHeadersList().stream()
        .filter(header -> header.getKey().equals("x-act"))
        .map(header -> Act.valueOf(header.getRawValue().toStringUtf8()))
        .findFirst()
        .orElse(Act.FORGET_PROOF);
  }

  private static Optional<EndpointRef> endpoint(ProcessingRequest request) {
    return request.getAttributesMap().values().stream()
        .flatMap(attributes -> Stream.ofNullable(attributes.getFieldsMap().get("xds.route_name")))
        .map(Value::getStringValue)
        .filter(name -> !name.isEmpty())
        .map(EndpointRef::parse)
        .findFirst();
  }

  private static void answer(
      ProcessingRequest request,
      Act act,
      EndpointRef endpoint,
      StreamObserver<ProcessingResponse> answers) {
    switch (act) {
      case CLOSE -> answers.onCompleted();
      case REFUSE -> {
        answers.onNext(ProcessingResponse.newBuilder().setImmediateResponse(refusal()).build());
        answers.onCompleted();
      }
      case ACCEPT, FORGET_PROOF -> answers.onNext(passage(request, endpoint, act == Act.ACCEPT));
    }
  }

  private static ProcessingResponse passage(
      ProcessingRequest request, EndpointRef endpoint, boolean proof) {
    CommonResponse.Builder common = CommonResponse.newBuilder();
    ProcessingResponse.Builder response = ProcessingResponse.newBuilder();
    boolean last = request.hasRequestBody() || request.getRequestHeaders().getEndOfStream();
    if (last) {
      common.setHeaderMutation(
          HeaderMutation.newBuilder()
              .addSetHeaders(header(ResultHeaders.TENANT, endpoint.tenant().value()))
              .addSetHeaders(header(ResultHeaders.ENDPOINT, endpoint.endpoint().value()))
              .addSetHeaders(header(ResultHeaders.VERIFIED, "true")));
    }
    if (last && proof) {
      response.setDynamicMetadata(proof());
    }
    return switch (request.getRequestCase()) {
      case REQUEST_HEADERS ->
          response.setRequestHeaders(HeadersResponse.newBuilder().setResponse(common)).build();
      case REQUEST_BODY ->
          response.setRequestBody(BodyResponse.newBuilder().setResponse(common)).build();
      case REQUEST_TRAILERS ->
          response.setRequestTrailers(TrailersResponse.getDefaultInstance()).build();
      case RESPONSE_HEADERS ->
          response.setResponseHeaders(HeadersResponse.getDefaultInstance()).build();
      case RESPONSE_BODY, RESPONSE_TRAILERS, REQUEST_NOT_SET ->
          throw new AssertionError("unexpected " + request.getRequestCase());
    };
  }

  private static Struct proof() {
    Value verified =
        Value.newBuilder()
            .setStructValue(
                Struct.newBuilder()
                    .putAllFields(
                        Map.of(ProofGate.VERIFIED, Value.newBuilder().setBoolValue(true).build())))
            .build();
    return Struct.newBuilder().putFields(ProofGate.NAMESPACE, verified).build();
  }

  private static ImmediateResponse refusal() {
    return ImmediateResponse.newBuilder()
        .setStatus(HttpStatus.newBuilder().setCode(StatusCode.ServiceUnavailable))
        .setHeaders(
            HeaderMutation.newBuilder()
                .addSetHeaders(header("content-type", "application/problem+json"))
                .addSetHeaders(header("retry-after", "7")))
        .setBody(ByteString.copyFromUtf8("{\"code\":\"store_unavailable\"}"))
        .build();
  }

  private static HeaderValueOption header(String name, String value) {
    return HeaderValueOption.newBuilder()
        .setHeader(
            HeaderValue.newBuilder().setKey(name).setRawValue(ByteString.copyFromUtf8(value)))
        .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD)
        .build();
  }

  @Override
  public void close() throws InterruptedException {
    server.shutdownNow().awaitTermination(5, TimeUnit.SECONDS);
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).await(5, TimeUnit.SECONDS);
  }
}
