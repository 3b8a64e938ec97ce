package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Says why a request was refused, by trying what would have matched. Pure and slow: for the command
 * line and for stored refusals, never on the path of a request.
 */
public final class Explainer {
  private final Scheme scheme;
  private final SchemeVerifier.Settings settings;
  private final List<VerificationKey> keys;
  private final KeySource source;
  private final SignedRequest request;
  private final Instant now;
  private final List<Cause> causes = new ArrayList<>();

  private Explainer(
      Scheme scheme,
      SchemeVerifier.Settings settings,
      List<VerificationKey> keys,
      KeySource source,
      SignedRequest request,
      Instant now) {
    this.scheme = scheme;
    this.settings = settings;
    this.keys = List.copyOf(keys);
    this.source = source;
    this.request = request;
    this.now = now;
  }

  /**
   * Candidate causes, best first; empty when the request is verified.
   *
   * @param others schemes that the message may have been made for
   * @throws IllegalArgumentException when the keys do not decode, as {@link SchemeVerifier#prepare}
   */
  public static List<Cause> explain(
      Scheme scheme,
      SchemeVerifier.Settings settings,
      List<VerificationKey> keys,
      SignedRequest request,
      Instant now,
      Collection<Scheme> others) {
    return explain(scheme, settings, keys, KeySource.NONE, request, now, others);
  }

  /**
   * The same for schemes whose messages name a public key.
   *
   * @param source asked for the key that a message names
   */
  public static List<Cause> explain(
      Scheme scheme,
      SchemeVerifier.Settings settings,
      List<VerificationKey> keys,
      KeySource source,
      SignedRequest request,
      Instant now,
      Collection<Scheme> others) {
    Verdict verdict = SchemeVerifier.prepare(scheme, settings, keys, source).verify(request, now);
    return switch (verdict) {
      case Verdict.Verified ignored -> List.of();
      case Verdict.Refused(Reason reason) ->
          new Explainer(scheme, settings, keys, source, request, now).causes(reason, others);
    };
  }

  private List<Cause> causes(Reason reason, Collection<Scheme> others) {
    header(reason);
    if (reason == Reason.KEY_OUTSIDE_VALIDITY) {
      add(
          Cause.Kind.SECRET_OUTSIDE_VALIDITY,
          "the message is signed with a secret of this endpoint that does not count at its time");
    }
    Instant at = messageTime().orElse(now);
    time(reason, at);
    body(at);
    secretForms(at);
    spellings(at);
    url(at);
    for (Scheme other : others) {
      if (!other.name().equals(scheme.name()) && isRight(other, settings, request, at)) {
        add(Cause.Kind.OTHER_SCHEME, "the message is right for scheme " + other.name());
      }
    }
    boolean mayBeSecret = reason == Reason.SIGNATURE_MISMATCH || causes.isEmpty();
    if (mayBeSecret && causes.stream().allMatch(cause -> cause.kind() == Cause.Kind.HEADER)) {
      add(
          Cause.Kind.WRONG_SECRET_OR_BODY,
          "nothing that was tried matches: the sender has another secret, or the body was changed");
    }
    causes.sort(Comparator.comparing(Cause::kind));
    return List.copyOf(causes);
  }

  private void header(Reason reason) {
    String name = scheme.signature().header().shown();
    String where = name.isEmpty() ? "the signature" : name;
    switch (reason) {
      case SIGNATURE_MISSING -> add(Cause.Kind.HEADER, where + " or what it needs is absent");
      case SIGNATURE_MALFORMED -> add(Cause.Kind.HEADER, where + " is not of the scheme's form");
      case SIGNATURE_VERSION_UNSUPPORTED ->
          add(Cause.Kind.HEADER, where + " is of another version or algorithm");
      case HEADER_DUPLICATED -> add(Cause.Kind.HEADER, "a header that may stand once stands twice");
      case TIMESTAMP_MISSING -> add(Cause.Kind.HEADER, "the time is absent");
      case TIMESTAMP_MALFORMED -> add(Cause.Kind.HEADER, "the time is not of the scheme's form");
      case BODY_MALFORMED ->
          add(Cause.Kind.HEADER, "the body is not the document that the scheme reads");
      default -> {
        // Said by what is tried below.
      }
    }
  }

  /** The time that the message states, however far away. */
  private Optional<Instant> messageTime() {
    try {
      RequestFields fields = new RequestFields(request, scheme, Optional.empty());
      ClaimReader reader = new ClaimReader(scheme, scheme.signature());
      return reader.complete(reader.read(fields), fields).time();
    } catch (Refusal unreadable) {
      return Optional.empty();
    }
  }

  private void time(Reason reason, Instant at) {
    if (unit()) {
      return;
    }
    boolean late = reason == Reason.TIMESTAMP_TOO_OLD || reason == Reason.TIMESTAMP_IN_FUTURE;
    if (late && isRight(scheme, settings, request, at)) {
      long distance = Math.abs(now.getEpochSecond() - at.getEpochSecond());
      add(
          Cause.Kind.CLOCK,
          "the signature is right, but its time is "
              + distance
              + " s "
              + (reason == Reason.TIMESTAMP_TOO_OLD ? "ago" : "ahead"));
    }
  }

  /** Whether the message is right, and now, when its time is read in another unit. */
  private boolean unit() {
    Optional<TimestampRule> rule = scheme.inputs().timestamp();
    if (rule.isEmpty()) {
      return false;
    }
    boolean other = false;
    for (TimestampRule.Unit unit : TimestampRule.Unit.values()) {
      Scheme changed =
          scheme.with(new TimestampRule(rule.get().source(), unit, rule.get().tolerance()));
      if (unit != rule.get().unit() && isRight(changed, settings, request, now)) {
        other = true;
        add(
            Cause.Kind.TIMESTAMP_UNIT,
            "the time is written in "
                + unit.shown()
                + ", the scheme has "
                + rule.get().unit().shown());
      }
    }
    return other;
  }

  private void body(Instant at) {
    byte[] body = new byte[request.body().remaining()];
    request.body().get(body);
    String text = new String(body, StandardCharsets.ISO_8859_1);
    for (String end : List.of("\n", "\r\n")) {
      if (isRightWith(text + end, at)) {
        add(Cause.Kind.BODY_LINE_END, "the line end at the end of the body was lost on the way");
      }
      if (text.endsWith(end) && isRightWith(text.substring(0, text.length() - end.length()), at)) {
        add(Cause.Kind.BODY_LINE_END, "a line end was added to the body on the way");
      }
    }
    String lines = text.replace("\r\n", "\n");
    if (isRightWith(lines, at) || isRightWith(lines.replace("\n", "\r\n"), at)) {
      add(Cause.Kind.BODY_LINE_END, "line ends of the body were converted on the way");
    }
    if (causes.stream().anyMatch(cause -> cause.kind() == Cause.Kind.BODY_LINE_END)) {
      return;
    }
    for (JsonSpelling.Written other : JsonSpelling.others(ByteBuffer.wrap(body))) {
      if (isRight(scheme, settings, AlteredRequest.body(request, other.body()), at)) {
        add(
            Cause.Kind.BODY_RESERIALISED,
            "the body was parsed and written again; the sender wrote it " + other.name());
      }
    }
  }

  private boolean isRightWith(String latin1, Instant at) {
    byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
    return isRight(scheme, settings, AlteredRequest.body(request, bytes), at);
  }

  private void secretForms(Instant at) {
    Scheme.Signature own = scheme.signature();
    if (own.algorithm().kind() == SignatureAlgorithm.Kind.PUBLIC) {
      return;
    }
    for (KeyDecoding other : KeyDecoding.values()) {
      Scheme.Signature changed = own.with(own.algorithm(), own.encoding(), other);
      if (other != own.key() && isRight(scheme.with(changed), settings, request, at)) {
        add(
            Cause.Kind.SECRET_FORM,
            "the sender used the secret as "
                + KeyDecoding.shown(other)
                + ", the scheme takes it as "
                + KeyDecoding.shown(own.key()));
      }
    }
  }

  private void spellings(Instant at) {
    Scheme.Signature own = scheme.signature();
    for (TagEncoding other : TagEncoding.values()) {
      Scheme.Signature changed = own.with(own.algorithm(), other, own.key());
      if (other != own.encoding() && isRight(scheme.with(changed), settings, request, at)) {
        add(
            Cause.Kind.SIGNATURE_ENCODING,
            "the signature is written in another encoding than the scheme has");
      }
    }
    if (own.encoding() == TagEncoding.HEX
        && isRight(
            scheme, settings, AlteredRequest.lowered(request, own.header().lowerCase()), at)) {
      add(Cause.Kind.SIGNATURE_ENCODING, "the signature is written in upper case");
    }
    for (SignatureAlgorithm other : SignatureAlgorithm.values()) {
      boolean both =
          own.algorithm().kind() == SignatureAlgorithm.Kind.MAC
              && other.kind() == SignatureAlgorithm.Kind.MAC
              && other != own.algorithm();
      if (both
          && isRight(
              scheme.with(own.with(other, own.encoding(), own.key())), settings, request, at)) {
        add(
            Cause.Kind.ALGORITHM,
            "the message is signed by " + other.shown() + ", not " + own.algorithm().shown());
      }
    }
  }

  private void url(Instant at) {
    if (!SchemeSummary.of(scheme).signsUrl()) {
      return;
    }
    String own = settings.publicUrl().orElse("https://" + request.authority() + request.path());
    int mark = own.indexOf('?');
    String base = mark < 0 ? own : own.substring(0, mark);
    List<String> others =
        List.of(
            base + "/",
            base.endsWith("/") ? base.substring(0, base.length() - 1) : base,
            base.replaceFirst("^https:", "http:"),
            base.replaceFirst("^http:", "https:"),
            "https://" + request.authority() + request.path());
    for (String other : others) {
      SchemeVerifier.Settings changed =
          new SchemeVerifier.Settings(settings.tolerance(), Optional.of(other));
      if (isRight(scheme, changed, request, at)) {
        add(Cause.Kind.URL, "the sender signed the URL " + other);
      }
    }
  }

  private boolean isRight(
      Scheme candidate, SchemeVerifier.Settings others, SignedRequest changed, Instant at) {
    try {
      SchemeVerifier.Settings fitting =
          new SchemeVerifier.Settings(Optional.empty(), others.publicUrl());
      Verdict verdict =
          SchemeVerifier.prepare(candidate, fitting, keys, source).verify(changed, at);
      return verdict instanceof Verdict.Verified;
    } catch (IllegalArgumentException undecodable) {
      return false;
    }
  }

  private void add(Cause.Kind kind, String text) {
    Cause cause = new Cause(kind, text);
    if (!causes.contains(cause)) {
      causes.add(cause);
    }
  }
}
