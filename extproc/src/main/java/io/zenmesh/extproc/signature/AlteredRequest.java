package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;

/** A request with another body, or its signature header in lower case; for explanations. */
record AlteredRequest(SignedRequest request, ByteBuffer bytes, String lowered)
    implements SignedRequest {
  static AlteredRequest body(SignedRequest request, byte[] bytes) {
    return new AlteredRequest(request, ByteBuffer.wrap(bytes), "");
  }

  static AlteredRequest lowered(SignedRequest request, String header) {
    return new AlteredRequest(request, request.body(), header);
  }

  @Override
  public String method() {
    return request.method();
  }

  @Override
  public String authority() {
    return request.authority();
  }

  @Override
  public String path() {
    return request.path();
  }

  @Override
  public List<String> header(String lowerCaseName) {
    List<String> values = request.header(lowerCaseName);
    return lowerCaseName.equals(lowered)
        ? values.stream().map(value -> value.toLowerCase(Locale.ROOT)).toList()
        : values;
  }

  @Override
  public ByteBuffer body() {
    return bytes.asReadOnlyBuffer();
  }
}
