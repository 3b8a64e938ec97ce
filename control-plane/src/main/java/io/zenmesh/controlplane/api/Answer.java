package io.zenmesh.controlplane.api;

import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a handler answers: a value, sent only when the handler has returned. Immutable. */
public final class Answer {
  private final int status;
  private final String contentType;
  private final Map<String, String> headers;
  private final byte[] body;
  private final Optional<Answer> kept;

  Answer(int status, String contentType, Map<String, String> headers, byte[] body) {
    this(status, contentType, headers, body, Optional.empty());
  }

  private Answer(
      int status,
      String contentType,
      Map<String, String> headers,
      byte[] body,
      Optional<Answer> kept) {
    this.kept = kept;
    this.status = status;
    this.contentType = contentType;
    this.headers = Map.copyOf(headers);
    this.body = body;
  }

  /** JSON of a record. */
  public static Answer json(int status, Object value) {
    return new Answer(
        status, "application/json", Map.of(), ApiJson.MAPPER.writeValueAsBytes(value));
  }

  /** The same with its version, for If-Match. */
  static Answer tagged(int status, Object value) {
    return json(status, value).with("ETag", EntityTag.of(value));
  }

  /** Nothing but a status. */
  public static Answer empty(int status) {
    return new Answer(status, "", Map.of(), new byte[0]);
  }

  /** A text of a media type that names its character set, which is UTF-8. */
  static Answer text(String contentType, String text) {
    return new Answer(200, contentType, Map.of(), text.getBytes(StandardCharsets.UTF_8));
  }

  static Answer yaml(byte[] text) {
    return new Answer(200, "application/yaml", Map.of(), text);
  }

  static Answer problem(Problem problem) {
    return new Answer(
        problem.status(),
        Problem.CONTENT_TYPE,
        Map.of(),
        ApiJson.MAPPER.writeValueAsString(problem).getBytes(StandardCharsets.UTF_8));
  }

  /** What is not there and what is not yours: always the same bytes. */
  public static Answer notFound() {
    return problem(Problem.of(Problem.Kind.NOT_FOUND));
  }

  static Answer problem(Problem.Kind kind, List<String> problems, String correlation) {
    return problem(Problem.of(kind, problems).under(correlation));
  }

  /** The same with one more header. */
  public Answer with(String header, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers);
    more.put(header, value);
    return new Answer(status, contentType, more, body, kept);
  }

  /** The same, of which a repetition of the request is told only {@code rest}. */
  Answer keeping(Answer rest) {
    return new Answer(status, contentType, headers, body, Optional.of(rest));
  }

  /** What may be kept of it: no secret. */
  Answer kept() {
    return kept.orElse(this);
  }

  int status() {
    return status;
  }

  String contentType() {
    return contentType;
  }

  Map<String, String> headers() {
    return headers;
  }

  byte[] body() {
    return body.clone();
  }
}
