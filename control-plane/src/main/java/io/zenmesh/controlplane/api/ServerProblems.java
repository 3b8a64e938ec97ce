package io.zenmesh.controlplane.api;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/** What the server refuses before any route is chosen, as problems like all others. */
final class ServerProblems extends ErrorHandler {
  @Override
  protected void generateResponse(
      Request request,
      Response response,
      int code,
      @Nullable String message,
      @Nullable Throwable cause,
      Callback callback) {
    response.getHeaders().put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    response.write(true, body(code), callback);
  }

  @Override
  public ByteBuffer badMessageError(
      int status, @Nullable String reason, HttpFields.Mutable headers) {
    headers.put(HttpHeader.CONTENT_TYPE, Problem.CONTENT_TYPE);
    return body(status);
  }

  /** Nothing of the message or the cause: they repeat what was sent. */
  private static ByteBuffer body(int status) {
    Problem.Kind kind = status >= 500 ? Problem.Kind.INTERNAL : Problem.Kind.REQUEST_MALFORMED;
    return ByteBuffer.wrap(
        ApiJson.MAPPER
            .writeValueAsString(Problem.of(kind).at(status))
            .getBytes(StandardCharsets.UTF_8));
  }
}
