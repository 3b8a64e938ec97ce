package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SignatureForm.Parts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads the headers of a request as a scheme says. Immutable, thread-safe. */
final class ClaimReader {
  private final Scheme scheme;

  ClaimReader(Scheme scheme) {
    this.scheme = scheme;
  }

  /**
   * Reads every header of the scheme.
   *
   * @throws Refusal for the first thing wrong, in the order that {@link SchemeVerifier} documents
   */
  Claim read(SignedRequest request) throws Refusal {
    for (String name : scheme.headers()) {
      HeaderText.single(request, name);
    }
    Parts parts = signatureHeader(request);
    List<byte[]> tags = tags(parts);
    String timestamp = "";
    OptionalLong seconds = OptionalLong.empty();
    Optional<TimestampRule> rule = scheme.inputs().timestamp();
    if (rule.isPresent()) {
      timestamp = timestamp(request, parts, rule.get().source());
      seconds = OptionalLong.of(TimestampRule.parse(timestamp));
    }
    String id = id(request);
    String nonce = part(parts, scheme.inputs().nonce(), true);
    part(parts, scheme.inputs().keyHint(), false);
    return new Claim(tags, timestamp, seconds, id, nonce);
  }

  private Parts signatureHeader(SignedRequest request) throws Refusal {
    Scheme.Signature signature = scheme.signature();
    String text = HeaderText.single(request, signature.header().lowerCase());
    if (text.isEmpty()) {
      throw Refusal.of(Reason.SIGNATURE_MISSING);
    }
    if (text.length() > signature.maxLength()) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return signature.form().split(text);
  }

  private List<byte[]> tags(Parts parts) throws Refusal {
    Scheme.Signature signature = scheme.signature();
    List<byte[]> tags = new ArrayList<>(parts.signatures().size());
    for (String text : parts.signatures()) {
      tags.add(signature.encoding().decode(text, signature.algorithm().tagLength()));
    }
    return tags;
  }

  private static String timestamp(SignedRequest request, Parts parts, ValueSource source)
      throws Refusal {
    String text =
        switch (source) {
          case ValueSource.Part(String name) ->
              parts.part(name).orElseThrow(() -> Refusal.of(Reason.TIMESTAMP_MISSING));
          case ValueSource.Headers headers -> first(request, headers, Reason.TIMESTAMP_MALFORMED);
        };
    if (text.isEmpty() && source instanceof ValueSource.Headers) {
      throw Refusal.of(Reason.TIMESTAMP_MISSING);
    }
    return text;
  }

  private String id(SignedRequest request) throws Refusal {
    Optional<Scheme.Text> id = scheme.inputs().id();
    if (id.isEmpty() || !(id.get().source() instanceof ValueSource.Headers headers)) {
      return "";
    }
    String text = first(request, headers, Reason.SIGNATURE_MALFORMED);
    if (text.isEmpty()) {
      if (scheme.signsId()) {
        throw Refusal.of(Reason.SIGNATURE_MISSING);
      }
      return "";
    }
    Optional<TextGrammar> grammar = id.get().grammar();
    if (grammar.isPresent() && !grammar.get().matches(text)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return text;
  }

  /** The first header that has a value; every one of them must be one visible value. */
  private static String first(SignedRequest request, ValueSource.Headers headers, Reason malformed)
      throws Refusal {
    String first = "";
    for (ValueSource.HeaderName header : headers.names()) {
      String text = HeaderText.single(request, header.lowerCase());
      if (!HeaderText.isVisibleOr(text, ' ')) {
        throw Refusal.of(malformed);
      }
      if (text.indexOf(',') >= 0) {
        throw Refusal.of(Reason.HEADER_DUPLICATED);
      }
      if (!HeaderText.isVisible(text)) {
        throw Refusal.of(malformed);
      }
      if (first.isEmpty()) {
        first = text;
      }
    }
    return first;
  }

  private static String part(Parts parts, Optional<Scheme.Text> text, boolean required)
      throws Refusal {
    if (text.isEmpty() || !(text.get().source() instanceof ValueSource.Part(String name))) {
      return "";
    }
    Optional<String> value = parts.part(name);
    if (value.isEmpty()) {
      if (required) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return "";
    }
    if (text.get().grammar().map(grammar -> !grammar.matches(value.get())).orElse(true)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return value.get();
  }
}
