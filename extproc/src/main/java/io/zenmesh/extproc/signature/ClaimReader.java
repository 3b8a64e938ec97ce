package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SignatureForm.Parts;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads one signature of a request, and what stands beside it. Immutable, thread-safe. */
final class ClaimReader {
  private static final byte[] NOT_DIRECT = new byte[0];

  private final Scheme scheme;
  private final Scheme.Signature signature;

  /** What stands before a signature in plain hex; empty for every other form. */
  private final Optional<String> beforeHex;

  ClaimReader(Scheme scheme, Scheme.Signature signature) {
    this.scheme = scheme;
    this.signature = signature;
    this.beforeHex =
        signature.form() instanceof SignatureForm.Plain plain
                && signature.encoding() == TagEncoding.HEX
                && signature.algorithm().tagLength() > 0
            ? Optional.of(plain.prefix())
            : Optional.empty();
  }

  /**
   * Reads what must be known before the signature is checked.
   *
   * @throws Refusal for the first thing wrong, in the order that {@link SchemeVerifier} documents
   */
  Claim read(RequestFields fields) throws Refusal {
    List<String> texts = signatureTexts(fields);
    byte[] direct = direct(texts);
    Parts parts = direct.length > 0 ? Parts.NONE : split(texts, fields);
    List<byte[]> tags = direct.length > 0 ? List.of(direct) : tags(parts.signatures());
    Optional<KeyReference> reference = signature.origin().reference(parts, fields);
    Optional<TimestampRule> rule = scheme.inputs().timestamp();
    Time time =
        rule.isPresent() && !scheme.isReadLater(rule.get().source())
            ? time(parts.named(), rule.get(), fields)
            : Time.NONE;
    Optional<Scheme.Text> id = scheme.inputs().id();
    String idText =
        id.isPresent() && !scheme.isReadLater(id.get().source())
            ? id(parts.named(), id.get(), fields, Reason.SIGNATURE_MALFORMED)
            : "";
    String nonce = part(parts, scheme.inputs().nonce(), !scheme.inputs().nonceOptional());
    part(parts, scheme.inputs().keyHint(), false);
    return new Claim(
        tags,
        parts.named(),
        parts.content(),
        time.text(),
        time.seconds(),
        idText,
        nonce,
        reference);
  }

  /** A time as it is written, and as Unix seconds. */
  private record Time(String text, OptionalLong seconds) {
    static final Time NONE = new Time("", OptionalLong.empty());
  }

  /** Whether {@link #complete} has anything to do. */
  boolean readsLater() {
    return scheme.inputs().timestamp().map(rule -> scheme.isReadLater(rule.source())).orElse(false)
        || scheme.inputs().id().map(id -> scheme.isReadLater(id.source())).orElse(false);
  }

  /** Reads what stands in the body, once that is known to be the sender's. */
  Claim complete(Claim claim, RequestFields fields) throws Refusal {
    Claim complete = claim;
    Optional<TimestampRule> time = scheme.inputs().timestamp();
    if (time.isPresent() && scheme.isReadLater(time.get().source())) {
      Time read = time(claim.named(), time.get(), fields);
      complete = complete.withTime(read.text(), read.seconds());
    }
    Optional<Scheme.Text> id = scheme.inputs().id();
    if (id.isPresent() && scheme.isReadLater(id.get().source())) {
      complete = complete.withId(id(claim.named(), id.get(), fields, Reason.BODY_MALFORMED));
    }
    return complete;
  }

  /**
   * Every header of the scheme stands once; those that may hold the signature hold one at least.
   */
  private List<String> signatureTexts(RequestFields fields) throws Refusal {
    fields.readHeaders();
    if (signature.source() instanceof ValueSource.Headers(var names) && names.size() == 1) {
      String text = fields.single(names.getFirst().lowerCase());
      return checked(text.isEmpty() ? List.of() : List.of(text), fields);
    }
    List<String> texts = new ArrayList<>(1);
    if (signature.source() instanceof ValueSource.Headers(var names)) {
      for (ValueSource.HeaderName header : names) {
        String text = fields.single(header.lowerCase());
        if (!text.isEmpty()) {
          texts.add(text);
        }
      }
    } else {
      fields.text(signature.source(), Reason.SIGNATURE_MALFORMED).ifPresent(texts::add);
    }
    return checked(texts, fields);
  }

  private List<String> checked(List<String> texts, RequestFields fields) throws Refusal {
    if (texts.isEmpty()) {
      throw Refusal.of(Reason.SIGNATURE_MISSING);
    }
    if (texts.size() > 1 && signature.form().namesContent()) {
      throw Refusal.of(Reason.HEADER_DUPLICATED);
    }
    for (String text : texts) {
      if (text.length() > signature.maxLength()) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
    }
    if (signature.when().isPresent() && !fields.holds(signature.when().get())) {
      throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
    }
    return texts;
  }

  /**
   * A signature in plain hex, in one pass and as the long way would read it; empty when that has to
   * say what is wrong.
   */
  private byte[] direct(List<String> texts) {
    return beforeHex.isPresent() && texts.size() == 1
        ? TagEncoding.hexAfter(beforeHex.get(), texts.getFirst(), signature.algorithm().tagLength())
        : NOT_DIRECT;
  }

  private List<byte[]> tags(List<String> texts) throws Refusal {
    if (texts.size() == 1) {
      return List.of(tag(texts.getFirst()));
    }
    List<byte[]> tags = new ArrayList<>(texts.size());
    for (String text : texts) {
      tags.add(tag(text));
    }
    return tags;
  }

  private byte[] tag(String text) throws Refusal {
    byte[] tag = signature.encoding().decode(text, signature.algorithm().tagLength());
    if (!signature.algorithm().accepts(tag)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return tag;
  }

  private Parts split(List<String> texts, RequestFields fields) throws Refusal {
    if (texts.size() == 1) {
      return signature.form().split(texts.getFirst(), fields);
    }
    List<String> signatures = new ArrayList<>(texts.size());
    for (String text : texts) {
      signatures.addAll(signature.form().split(text, fields).signatures());
    }
    return new Parts(signatures, Map.of());
  }

  private static Time time(Map<String, String> named, TimestampRule rule, RequestFields fields)
      throws Refusal {
    String text =
        (rule.source() instanceof ValueSource.Part(String name)
                ? Optional.ofNullable(named.get(name))
                : rule.unit() == TimestampRule.Unit.HTTP_DATE
                    ? date(rule.source(), fields)
                    : fields.text(rule.source(), Reason.TIMESTAMP_MALFORMED))
            .orElseThrow(() -> Refusal.of(Reason.TIMESTAMP_MISSING));
    return new Time(text, OptionalLong.of(rule.unit().seconds(text)));
  }

  /** The date of HTTP has a comma and blanks. */
  private static Optional<String> date(ValueSource source, RequestFields fields) throws Refusal {
    if (!(source instanceof ValueSource.Headers(var names))) {
      return fields.text(source, Reason.TIMESTAMP_MALFORMED);
    }
    String text = fields.single(names.getFirst().lowerCase());
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private String id(
      Map<String, String> named, Scheme.Text id, RequestFields fields, Reason malformed)
      throws Refusal {
    Optional<String> text =
        id.source() instanceof ValueSource.Part(String name)
            ? Optional.ofNullable(named.get(name))
            : fields.text(id.source(), malformed);
    if (text.isEmpty()) {
      if (scheme.requiresId()) {
        throw Refusal.of(
            scheme.isReadLater(id.source()) ? Reason.BODY_MALFORMED : Reason.SIGNATURE_MISSING);
      }
      return "";
    }
    if (id.grammar().isPresent() && !id.grammar().get().matches(text.get())) {
      throw Refusal.of(malformed);
    }
    return text.get();
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
