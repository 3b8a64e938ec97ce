package io.zenmesh.extproc.signature;

import java.util.Map;
import java.util.Optional;

/** Reads one challenge of a scheme document. */
final class ChallengeReader {
  private ChallengeReader() {}

  static ChallengeRule read(YamlObject node) {
    boolean signed = !node.optionalFlag("unsigned");
    Condition when = SignatureReader.condition(node.object("when"));
    Optional<ValueSource> value = node.optionalObject("value").map(ChallengeReader::source);
    Optional<ValueSource> verifyToken =
        node.optionalObject("verifyToken").map(ChallengeReader::source);
    ChallengeRule.Action action = action(node);
    node.finish();
    return new ChallengeRule(signed, when, value, verifyToken, action);
  }

  private static boolean maySend(Map.Entry<String, String> header) {
    String value = header.getValue();
    return ChallengeRule.HEADERS.contains(header.getKey())
        && value.length() <= ChallengeRule.LONGEST_HEADER
        && HeaderText.isVisibleOr(value, ' ');
  }

  private static ValueSource source(YamlObject node) {
    ValueSource source = SourceReader.outside(node);
    node.finish();
    return source;
  }

  private static ChallengeRule.Action action(YamlObject node) {
    if (node.has("takeSecret")) {
      return new ChallengeRule.Action.TakeSecret(
          node.parsed(
              "takeSecret", "a header's name", SourceText.header("none"), SourceText::header));
    }
    Optional<YamlObject> ask = node.optionalObject("askOperator");
    if (ask.isPresent()) {
      KeyOrigin.Certificate pinned = SignatureReader.certificate(ask.get());
      ask.get().finish();
      return new ChallengeRule.Action.AskOperator(pinned);
    }
    YamlObject answer = node.object("answer");
    Map<String, String> headers = answer.entries("headers");
    if (!headers.entrySet().stream().allMatch(ChallengeReader::maySend)) {
      answer.note("headers", "not allowed", "of " + ChallengeRule.HEADERS + ", visible ASCII");
    }
    String body = answer.has("body") ? answer.text("body", "a text") : "";
    answer.finish();
    return new ChallengeRule.Action.Respond(headers, body);
  }
}
