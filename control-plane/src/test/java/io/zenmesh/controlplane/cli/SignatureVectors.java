package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The vectors that the engine is tested with, as calls of the command line. */
final class SignatureVectors {
  private static final Path FILE =
      Path.of("..", "extproc", "src", "test", "resources", "vectors", "signatures.json");
  private static final Pattern TIME_PART = Pattern.compile("\\bt=([0-9]+)");
  private static final int MILLISECOND_DIGITS = 13;
  private static final int THOUSAND = 1000;

  /**
   * A vector.
   *
   * @param expected the signature's text
   * @param header the header that holds it
   * @param verdict {@code verified} or {@code refused:} and a reason
   */
  record Vector(
      String id,
      SignatureCall call,
      String expected,
      String header,
      String verdict,
      String encoding,
      String keyDecoding) {
    boolean isToken() {
      return encoding.equals("text");
    }

    String before() {
      String value = call.header(header);
      return value.substring(0, value.indexOf(expected));
    }

    /** The header with a time, if the vector has one of its own. */
    Optional<String> timeHeader() {
      return call.headers().keySet().stream()
          .filter(name -> name.toLowerCase(java.util.Locale.ROOT).endsWith("timestamp"))
          .findFirst();
    }

    /** The time that the message states, in Unix seconds. */
    OptionalLong time() {
      Optional<String> text = timeHeader().map(call::header);
      if (text.isPresent()) {
        return OptionalLong.of(seconds(text.get()));
      }
      Matcher part = TIME_PART.matcher(call.header(header));
      return part.find() ? OptionalLong.of(Long.parseLong(part.group(1))) : OptionalLong.empty();
    }

    private static long seconds(String text) {
      if (text.endsWith("Z")) {
        return Instant.parse(text).getEpochSecond();
      }
      long number = Long.parseLong(text);
      return text.length() == MILLISECOND_DIGITS ? number / THOUSAND : number;
    }

    @Override
    public String toString() {
      return id;
    }
  }

  private SignatureVectors() {}

  static List<Vector> all() {
    try {
      return new JsonMapper()
          .readTree(Files.readString(FILE))
          .valueStream()
          .filter(vector -> !vector.path("unitOnly").asBoolean(false))
          .map(SignatureVectors::vector)
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Vector vector(JsonNode json) {
    String expected = text(json, "expected");
    SignatureCall call =
        SignatureCall.of(text(json, "scheme"), text(json, "key"), text(json, "body"))
            .withMethod(text(json, "method"))
            .withAt(json.path("now").asLong(SignatureCall.NOW));
    if (json.has("url")) {
      call = call.withUrl(text(json, "url"));
    }
    String holder = "";
    for (Map.Entry<String, JsonNode> header :
        Objects.requireNonNull(json.get("headers"), "headers").properties()) {
      call = call.withHeader(header.getKey(), header.getValue().stringValue());
      holder = header.getValue().stringValue().contains(expected) ? header.getKey() : holder;
    }
    return new Vector(
        text(json, "id"),
        call,
        expected,
        holder,
        json.path("verdict").asString("verified"),
        text(json, "encoding"),
        text(json, "keyDecoding"));
  }

  private static String text(JsonNode json, String field) {
    return Objects.requireNonNull(json.get(field), field).stringValue();
  }
}
