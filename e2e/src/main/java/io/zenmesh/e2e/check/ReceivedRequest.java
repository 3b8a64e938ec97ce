package io.zenmesh.e2e.check;

import com.google.protobuf.ByteString;
import java.util.List;

/**
 * A request as the target got it.
 *
 * @param sequence its place in the order of arrival, from 1
 * @param method the method
 * @param path path and query as on the request line
 * @param headers every header field, in order, as spelled
 * @param body the body's bytes, framing removed
 */
public record ReceivedRequest(
    long sequence, String method, String path, List<Field> headers, ByteString body) {
  public ReceivedRequest {
    headers = List.copyOf(headers);
  }

  /** The values of a header, in order, one for each field. */
  public List<String> header(String name) {
    return Field.values(headers, name);
  }
}
