package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A scheme with the keys of one endpoint, ready to verify.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Fails closed: anything not understood is refused. Candidates are compared in constant time
 * over decoded bytes, and the work does not depend on which key matched. Pure: the only clock is
 * the argument. Thread-safe.
 *
 * <h2>Order of checks</h2>
 *
 * <p>The first that fails names the reason:
 *
 * <ol>
 *   <li>the endpoint has keys: {@link Reason#KEY_UNAVAILABLE}
 *   <li>no header the scheme reads has two fields: {@link Reason#HEADER_DUPLICATED}
 *   <li>the signature header is there and not empty: {@link Reason#SIGNATURE_MISSING}
 *   <li>it follows its grammar: {@link Reason#SIGNATURE_MALFORMED}, {@link
 *       Reason#HEADER_DUPLICATED} for a value that may stand once and stands twice, {@link
 *       Reason#SIGNATURE_VERSION_UNSUPPORTED}; every signature of the known version decodes
 *   <li>the timestamp is there and canonical: {@link Reason#TIMESTAMP_MISSING}, {@link
 *       Reason#TIMESTAMP_MALFORMED}
 *   <li>the id, the nonce and the key hint follow their grammars: {@link
 *       Reason#SIGNATURE_MALFORMED}, a missing signed id: {@link Reason#SIGNATURE_MISSING}
 *   <li>the timestamp lies within the tolerance, whole seconds, both edges included: {@link
 *       Reason#TIMESTAMP_TOO_OLD}, {@link Reason#TIMESTAMP_IN_FUTURE}
 *   <li>a signed method, authority or path is visible ASCII: {@link Reason#SIGNATURE_MALFORMED}
 *   <li>one key made one of the signatures: {@link Reason#SIGNATURE_MISMATCH}
 *   <li>that key counted at the message's own time, or now if it has none: {@link
 *       Reason#KEY_OUTSIDE_VALIDITY}
 * </ol>
 */
public final class SchemeVerifier {
  private final Scheme scheme;
  private final Duration tolerance;
  private final Optional<String> publicAuthority;
  private final List<VerificationKey> keys;
  private final KeyRing ring;
  private final ClaimReader reader;

  private SchemeVerifier(
      Scheme scheme,
      Duration tolerance,
      Optional<String> publicAuthority,
      List<VerificationKey> keys) {
    this.scheme = scheme;
    this.tolerance = tolerance;
    this.publicAuthority = publicAuthority;
    this.keys = List.copyOf(keys);
    this.ring = KeyRing.load(scheme, keys);
    this.reader = new ClaimReader(scheme);
  }

  /**
   * What an endpoint may state beside its scheme.
   *
   * @param tolerance replaces the scheme's own, 1 s to 600 s; without effect for schemes that sign
   *     no time
   * @param publicUrl the URL the sender knows, for schemes that sign it
   */
  public record Settings(Optional<Duration> tolerance, Optional<String> publicUrl) {
    /** Nothing stated: the scheme's own tolerance, the request's own authority. */
    public static final Settings DEFAULT = new Settings(Optional.empty(), Optional.empty());
  }

  /**
   * Decodes the keys as the scheme says. Zero keys are allowed: every request is then refused with
   * {@link Reason#KEY_UNAVAILABLE}.
   *
   * @throws IllegalArgumentException when a key is empty or does not decode (the message names the
   *     key's id, never its content), when there are more than 16 keys, or when a setting is out of
   *     bounds
   */
  public static SchemeVerifier prepare(
      Scheme scheme, Settings settings, List<VerificationKey> keys) {
    Duration tolerance =
        settings.tolerance().or(scheme::tolerance).orElse(TimestampRule.LONGEST_TOLERANCE);
    if (tolerance.compareTo(TimestampRule.SHORTEST_TOLERANCE) < 0
        || tolerance.compareTo(TimestampRule.LONGEST_TOLERANCE) > 0) {
      throw new IllegalArgumentException("tolerance: " + tolerance + " (expected: 1s to 600s)");
    }
    return new SchemeVerifier(
        scheme, tolerance, settings.publicUrl().map(Authority::ofPublicUrl), keys);
  }

  /**
   * Verifies one request.
   *
   * @param now the instant to judge timestamps by
   */
  public Verdict verify(SignedRequest request, Instant now) {
    if (keys.isEmpty()) {
      return new Verdict.Refused(Reason.KEY_UNAVAILABLE);
    }
    try {
      return check(request, now);
    } catch (Refusal refusal) {
      return new Verdict.Refused(refusal.reason());
    }
  }

  private Verdict check(SignedRequest request, Instant now) throws Refusal {
    Claim claim = reader.read(request);
    if (claim.seconds().isPresent()) {
      TimestampRule.judge(claim.seconds().getAsLong(), now, tolerance);
    }
    SignedContent content = content(claim, request);
    int matching = ring.matching(claim.tags(), content);
    if (matching == 0) {
      throw Refusal.of(Reason.SIGNATURE_MISMATCH);
    }
    Optional<Instant> time = claim.time();
    Instant at = time.orElse(now);
    for (int i = 0; i < keys.size(); i++) {
      if ((matching >>> i & 1) == 1 && keys.get(i).validAt(at)) {
        return new Verdict.Verified(
            keys.get(i).id(), claim.eventId(), time, subject(claim, content));
      }
    }
    throw Refusal.of(Reason.KEY_OUTSIDE_VALIDITY);
  }

  private SignedContent content(Claim claim, SignedRequest request) throws Refusal {
    Optional<ContentTemplate> template = scheme.content();
    return template.isPresent()
        ? template.get().render(new RequestValues(claim, request, publicAuthority))
        : SignedContent.NONE;
  }

  private ReplaySubject subject(Claim claim, SignedContent content) {
    ReplayRule.By by = scheme.memory().by();
    return switch (by) {
      case NONCE -> new ReplaySubject(by, ascii(claim.nonce()));
      case SIGNED_ID -> new ReplaySubject(by, ascii(claim.id()));
      case SIGNED_CONTENT -> new ReplaySubject(by, content.digest());
      case UNSIGNED_ID ->
          claim.id().isEmpty()
              ? new ReplaySubject(ReplayRule.By.NONE, new byte[0])
              : new ReplaySubject(by, ascii(claim.id()));
      case NONE -> new ReplaySubject(by, new byte[0]);
    };
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** The scheme verified by. */
  public Scheme scheme() {
    return scheme;
  }

  /**
   * How this endpoint recognises a message it has seen: the scheme's rule, whatever its tolerance.
   */
  public ReplayRule replay() {
    return scheme.replay();
  }

  @Override
  public String toString() {
    return "SchemeVerifier[" + scheme.name() + ", " + keys + "]";
  }

  /** The bytes that a request must have signed, in one copy; for tests and explanations. */
  byte[] signedContent(SignedRequest request) throws Refusal {
    return content(reader.read(request), request).toBytes();
  }

  /**
   * A request and its claim as the fields of a content template.
   *
   * @param publicAuthority replaces the request's own
   */
  record RequestValues(Claim claim, SignedRequest request, Optional<String> publicAuthority)
      implements ContentTemplate.Values {
    @Override
    public String text(ContentTemplate.Field field) throws Refusal {
      return switch (field) {
        case METHOD -> visible(request.method());
        case AUTHORITY ->
            publicAuthority.isPresent()
                ? publicAuthority.get()
                : Authority.ofRequest(visible(request.authority()));
        case PATH -> visible(request.path());
        case TIMESTAMP -> claim.timestamp();
        case ID -> claim.id();
        case NONCE -> claim.nonce();
        case BODY, BODY_SHA256 -> throw new IllegalArgumentException(field + " is not text");
      };
    }

    @Override
    public ByteBuffer body() {
      return request.body();
    }

    private static String visible(String text) throws Refusal {
      if (text.isEmpty() || !HeaderText.isVisible(text)) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      return text;
    }
  }
}
