package io.zenmesh.extproc.signature;

import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Where a scheme reads values of a request. */
final class SchemeSources {
  private final Set<String> headers = new LinkedHashSet<>();
  private final Set<JsonPath> jsonPaths = new LinkedHashSet<>();

  /** Every one, signatures first. */
  SchemeSources(
      List<Scheme.Signature> signatures,
      Scheme.Inputs inputs,
      Scheme.Content content,
      List<ChallengeRule> challenges) {
    for (Scheme.Signature signature : signatures) {
      add(signature);
    }
    inputs.timestamp().map(TimestampRule::source).ifPresent(this::add);
    addText(inputs.id());
    addText(inputs.nonce());
    addText(inputs.keyHint());
    content.bodyHash().map(Scheme.BodyHash::source).ifPresent(this::add);
    if (content.template().isPresent()) {
      content.template().get().sources().forEach(this::add);
      if (content.template().get().has(ContentTemplate.Field.FORM_PAIRS)) {
        add(Scheme.CONTENT_TYPE);
      }
    }
    addHeaders(content.listed());
    for (ChallengeRule challenge : challenges) {
      challenge.bodySources().forEach(this::add);
    }
  }

  private void add(Scheme.Signature signature) {
    add(signature.source());
    signature.when().map(Condition::source).ifPresent(this::add);
    signature.secretShown().ifPresent(this::add);
    addHeaders(signature.form().otherHeaders());
    if (signature.origin() instanceof KeyOrigin.Certificate certificate) {
      add(certificate.source());
    }
  }

  private void addText(Optional<Scheme.Text> text) {
    text.map(Scheme.Text::source).ifPresent(this::add);
  }

  private void addHeaders(List<ValueSource.HeaderName> names) {
    for (ValueSource.HeaderName name : names) {
      headers.add(name.lowerCase());
    }
  }

  private void add(ValueSource source) {
    if (source instanceof ValueSource.Headers(var list)) {
      addHeaders(list);
    } else if (source instanceof ValueSource.Json(JsonPath path)) {
      jsonPaths.add(path);
    }
  }

  /** Names in lower case, in the order in which they are read. */
  Set<String> headers() {
    return Collections.unmodifiableSet(headers);
  }

  Set<JsonPath> jsonPaths() {
    return Collections.unmodifiableSet(jsonPaths);
  }
}
