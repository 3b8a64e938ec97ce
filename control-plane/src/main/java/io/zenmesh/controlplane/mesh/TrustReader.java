package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.MeshDocument.Trust;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.SchemeSettings;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** Reads what an endpoint says of its scheme, its provider's questions and dry run. */
final class TrustReader {
  private static final String A_TIME = "a time such as 2026-01-31T12:00:00Z";
  private static final String TOPICS = "ARNs of SNS topics";
  private static final String ORIGINS = "lower-case DNS names";
  private static final String A_SCHEME =
      "a scheme document of at most " + SchemeSettings.MAX_DEFINITION_LENGTH + " characters";

  private TrustReader() {}

  static Trust read(Fields spec) {
    boolean enforce = spec.optionalFlag("enforce").orElse(true);
    Optional<Located<String>> definition =
        spec.optionalText("schemeDefinition", A_SCHEME).filter(it -> isBounded(spec, it));
    List<String> topics = few(spec, "topicArns", TOPICS, SchemeSettings::isTopic);
    boolean autoConfirm = spec.optionalFlag("autoConfirm").orElse(false);
    Optional<Instant> handshakeUntil =
        spec.optionalText("handshakeUntil", A_TIME).flatMap(it -> instant(spec, it));
    List<String> origins = few(spec, "webhookOrigins", ORIGINS, SchemeSettings::isOrigin);
    Optional<Located<Name>> verifyToken = spec.optionalName("verifyTokenRef");
    return new Trust(
        spec.line(),
        enforce,
        definition,
        new SchemeSettings(
            definition.map(Located::value), topics, autoConfirm, handshakeUntil, origins),
        verifyToken);
  }

  /** Whether the endpoint's keys may come from elsewhere than its secrets. */
  static boolean mayHaveNoSecrets(Fields spec) {
    return spec.says("scheme", "zen") // derived keys are handed out, not declared
        || spec.has("topicArns")
        || spec.has("handshakeUntil")
        // If that names a key set to fetch, which is looked at together with the scheme.
        || spec.has("schemeDefinition");
  }

  private static boolean isBounded(Fields spec, Located<String> text) {
    int length = text.value().length();
    boolean bounded = length > 0 && length <= SchemeSettings.MAX_DEFINITION_LENGTH;
    if (!bounded) {
      spec.refuse(text.line(), "schemeDefinition", length + " characters", A_SCHEME);
    }
    return bounded;
  }

  private static Optional<Instant> instant(Fields spec, Located<String> text) {
    try {
      if (text.value().matches("20[0-9]{2}-[0-9-]{5}T[0-9:]{8}Z")) {
        return Optional.of(Instant.parse(text.value()));
      }
    } catch (DateTimeException malformed) {
      // Said below.
    }
    spec.refuse(text.line(), "handshakeUntil", Problems.shown(text.value()), A_TIME);
    return Optional.empty();
  }

  private static List<String> few(
      Fields spec, String key, String expected, Predicate<String> allowed) {
    List<Located<String>> texts = spec.texts(key, SchemeSettings.MAX_ITEMS, expected);
    for (Located<String> text : texts) {
      if (!allowed.test(text.value())) {
        spec.refuse(text.line(), key, Problems.shown(text.value()), expected);
      }
    }
    return texts.stream().map(Located::value).filter(allowed).toList();
  }
}
