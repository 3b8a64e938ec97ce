package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.util.ArrayList;
import java.util.List;

/**
 * A request as a client means to send it: nothing is added, folded or checked but the framing.
 *
 * @param method the method
 * @param authority the {@code Host} header or {@code :authority} pseudo-header
 * @param path path and query
 * @param headers all other header fields, in order
 * @param body the body's bytes
 * @param framing how the end of the body is told
 * @param trailers trailer fields; over HTTP/1.1 only with {@link Framing#CHUNKED}
 */
public record WireRequest(
    String method,
    String authority,
    String path,
    List<Field> headers,
    ByteString body,
    Framing framing,
    List<Field> trailers) {
  /** How the end of the body is told. */
  public enum Framing {
    /** {@code content-length}, over HTTP/2 beside the frames. */
    CONTENT_LENGTH,
    /** HTTP/1.1 chunks; over HTTP/2 DATA frames without {@code content-length}. */
    CHUNKED,
    /** No body and no word of one; over HTTP/2 the header block ends the stream. */
    NONE
  }

  public WireRequest {
    headers = List.copyOf(headers);
    trailers = List.copyOf(trailers);
  }

  /** A POST with a content length. */
  public static WireRequest post(
      String authority, String path, ByteString body, List<Field> headers) {
    return new WireRequest(
        "POST", authority, path, headers, body, Framing.CONTENT_LENGTH, List.of());
  }

  /** The same request with one more header field at the end. */
  public WireRequest plus(String name, String value) {
    List<Field> more = new ArrayList<>(headers);
    more.add(new Field(name, value));
    return withHeaders(more);
  }

  /** The same request without any field of this name. */
  public WireRequest without(String name) {
    return withHeaders(headers.stream().filter(field -> !field.is(name)).toList());
  }

  /** The same request with other header fields. */
  public WireRequest withHeaders(List<Field> others) {
    return new WireRequest(method, authority, path, others, body, framing, trailers);
  }

  /** The same request with another body. */
  public WireRequest withBody(ByteString other) {
    return new WireRequest(method, authority, path, headers, other, framing, trailers);
  }

  /** The same request with another framing and these trailers. */
  public WireRequest framed(Framing other, List<Field> otherTrailers) {
    return new WireRequest(method, authority, path, headers, body, other, otherTrailers);
  }

  /** The same request for another authority and path. */
  public WireRequest to(String otherAuthority, String otherPath) {
    return new WireRequest(method, otherAuthority, otherPath, headers, body, framing, trailers);
  }
}
