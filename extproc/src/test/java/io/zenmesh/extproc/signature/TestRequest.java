package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A request made of values; each {@code with...} gives a changed copy. */
record TestRequest(
    String method, String authority, String path, Map<String, List<String>> headers, Bytes content)
    implements SignedRequest {

  /**
   * Bytes that a record may hold.
   *
   * @param latin1 one character per byte
   */
  record Bytes(String latin1) {
    byte[] array() {
      return latin1.getBytes(StandardCharsets.ISO_8859_1);
    }
  }

  static TestRequest post(String body) {
    return new TestRequest("POST", "hooks.example.com", "/acme/orders", Map.of(), utf8(body));
  }

  static TestRequest post(byte[] body) {
    return post("").withBody(body);
  }

  private static Bytes utf8(String text) {
    return new Bytes(
        new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1));
  }

  TestRequest withMethod(String changed) {
    return new TestRequest(changed, authority, path, headers, content);
  }

  TestRequest withAuthority(String changed) {
    return new TestRequest(method, changed, path, headers, content);
  }

  TestRequest withPath(String changed) {
    return new TestRequest(method, authority, changed, headers, content);
  }

  TestRequest withBody(byte[] changed) {
    return new TestRequest(
        method,
        authority,
        path,
        headers,
        new Bytes(new String(changed, StandardCharsets.ISO_8859_1)));
  }

  TestRequest withBody(String changed) {
    return new TestRequest(method, authority, path, headers, utf8(changed));
  }

  /** Replaces all fields of the header. */
  TestRequest with(String name, String... values) {
    Map<String, List<String>> changed = new LinkedHashMap<>(headers);
    changed.put(name.toLowerCase(Locale.ROOT), List.of(values));
    return new TestRequest(method, authority, path, changed, content);
  }

  TestRequest with(Map<String, String> all) {
    TestRequest changed = this;
    for (Map.Entry<String, String> header : all.entrySet()) {
      changed = changed.with(header.getKey(), header.getValue());
    }
    return changed;
  }

  TestRequest without(String name) {
    Map<String, List<String>> changed = new LinkedHashMap<>(headers);
    changed.remove(name.toLowerCase(Locale.ROOT));
    return new TestRequest(method, authority, path, changed, content);
  }

  /** The header again, as a second field with the same value. */
  TestRequest twice(String name) {
    List<String> values = new ArrayList<>(header(name.toLowerCase(Locale.ROOT)));
    values.addAll(List.copyOf(values));
    return with(name, values.toArray(String[]::new));
  }

  String one(String name) {
    return header(name.toLowerCase(Locale.ROOT)).getFirst();
  }

  @Override
  public List<String> header(String lowerCaseName) {
    return headers.getOrDefault(lowerCaseName, List.of());
  }

  @Override
  public ByteBuffer body() {
    return ByteBuffer.wrap(content.array()).asReadOnlyBuffer();
  }

  SchemeSigner.Message message() {
    return new SchemeSigner.Message(method, authority, path, body());
  }
}
