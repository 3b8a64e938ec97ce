package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.signature.SignedRequest;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * A whole request as the engine reads it.
 *
 * @param head its head, whose pseudo-headers were found to stand at most once
 * @param bytes its body
 */
record HeadAndBody(RequestHead head, ByteBuffer bytes) implements SignedRequest {
  @Override
  public String method() {
    return only(":method");
  }

  @Override
  public String authority() {
    return only(":authority");
  }

  @Override
  public String path() {
    return only(":path");
  }

  /** Empty text for what is absent: a scheme that signs it refuses that. */
  private String only(String name) {
    List<String> values = head.header(name);
    return values.size() == 1 ? values.getFirst() : "";
  }

  @Override
  public List<String> header(String lowerCaseName) {
    return head.header(lowerCaseName);
  }

  @Override
  public ByteBuffer body() {
    return bytes.asReadOnlyBuffer();
  }
}
