package io.zenmesh.extproc.server;

import com.google.protobuf.ByteString;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.core.v3.HeaderMap;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.service.ext_proc.v3.ExternalProcessorGrpc;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpBody;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpHeaders;
import io.envoyproxy.envoy.service.ext_proc.v3.HttpTrailers;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingRequest;
import io.envoyproxy.envoy.service.ext_proc.v3.ProcessingResponse;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Envoy's end of the socket: sends what Envoy sends, and keeps what comes back. */
final class EnvoySide implements AutoCloseable {
  private final MultiThreadIoEventLoopGroup loop =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ManagedChannel channel;

  EnvoySide(Path socket) {
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loop)
            .usePlaintext()
            .overrideAuthority("envoy")
            .build();
  }

  ManagedChannel channel() {
    return channel;
  }

  /** What came back: an answer, or the end of the stream. */
  sealed interface Reply {
    record Answer(ProcessingResponse message) implements Reply {}

    record End(Status status) implements Reply {}
  }

  Exchange open() {
    Exchange exchange = new Exchange();
    var unused = ExternalProcessorGrpc.newStub(channel).process(exchange);
    return exchange;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loop.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
  }

  /** One request's stream. */
  static final class Exchange
      implements ClientResponseObserver<ProcessingRequest, ProcessingResponse> {
    private final LinkedBlockingQueue<Reply> replies = new LinkedBlockingQueue<>();
    private Optional<ClientCallStreamObserver<ProcessingRequest>> out = Optional.empty();

    @Override
    public void beforeStart(ClientCallStreamObserver<ProcessingRequest> requestStream) {
      out = Optional.of(requestStream);
    }

    @Override
    public void onNext(ProcessingResponse value) {
      replies.add(new Reply.Answer(value));
    }

    @Override
    public void onError(Throwable t) {
      replies.add(new Reply.End(Status.fromThrowable(t)));
    }

    @Override
    public void onCompleted() {
      replies.add(new Reply.End(Status.OK));
    }

    Exchange send(ProcessingRequest message) {
      out.orElseThrow().onNext(message);
      return this;
    }

    Exchange head(String route, Map<String, String> headers, boolean endOfStream) {
      return send(
          ProcessingRequest.newBuilder()
              .setRequestHeaders(headers(headers, endOfStream))
              .putAttributes(
                  "envoy.filters.http.ext_proc",
                  Struct.newBuilder()
                      .putFields("xds.route_name", Value.newBuilder().setStringValue(route).build())
                      .build())
              .build());
    }

    Exchange body(byte[] bytes, boolean endOfStream) {
      return send(
          ProcessingRequest.newBuilder()
              .setRequestBody(
                  HttpBody.newBuilder()
                      .setBody(ByteString.copyFrom(bytes))
                      .setEndOfStream(endOfStream))
              .build());
    }

    Exchange trailers() {
      return send(
          ProcessingRequest.newBuilder()
              .setRequestTrailers(HttpTrailers.getDefaultInstance())
              .build());
    }

    Exchange response(int status) {
      return send(
          ProcessingRequest.newBuilder()
              .setResponseHeaders(headers(Map.of(":status", Integer.toString(status)), true))
              .build());
    }

    void reset() {
      out.orElseThrow().cancel("request over", null);
    }

    void halfClose() {
      out.orElseThrow().onCompleted();
    }

    Reply reply() {
      try {
        Reply reply = replies.poll(10, TimeUnit.SECONDS);
        if (reply == null) {
          throw new AssertionError("no reply within 10 s");
        }
        return reply;
      } catch (InterruptedException e) {
        throw new AssertionError(e);
      }
    }

    ProcessingResponse answer() {
      Reply reply = reply();
      if (reply instanceof Reply.Answer(ProcessingResponse message)) {
        return message;
      }
      throw new AssertionError("expected an answer: " + reply);
    }

    Status end() {
      Reply reply = reply();
      if (reply instanceof Reply.End(Status status)) {
        return status;
      }
      throw new AssertionError("expected the end: " + reply);
    }

    private static HttpHeaders headers(Map<String, String> headers, boolean endOfStream) {
      HeaderMap.Builder map = HeaderMap.newBuilder();
      headers.forEach((name, value) ->
          map.addHeaders(
              HeaderValue.newBuilder()
                  .setKey(name)
                  .setRawValue(ByteString.copyFrom(value, StandardCharsets.ISO_8859_1))));
      return HttpHeaders.newBuilder().setHeaders(map).setEndOfStream(endOfStream).build();
    }
  }
}
