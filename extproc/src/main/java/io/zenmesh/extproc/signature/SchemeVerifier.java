package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.VerificationKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

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
  private final Optional<PublicUrl> publicUrl;
  private final List<VerificationKey> keys;
  private final KeySource source;
  private final List<Channel> channels;
  private final Challenger challenger;

  private SchemeVerifier(
      Scheme scheme,
      Duration tolerance,
      Optional<PublicUrl> publicUrl,
      List<VerificationKey> keys,
      KeySource source) {
    this.scheme = scheme;
    this.tolerance = tolerance;
    this.publicUrl = publicUrl;
    this.keys = List.copyOf(keys);
    this.source = source;
    List<Optional<KeyRing>> rings = KeyRing.load(scheme, keys);
    List<Channel> all = new ArrayList<>();
    for (int i = 0; i < rings.size(); i++) {
      Scheme.Signature signature = scheme.signatures().get(i);
      // Keys that are only names go with each of a scheme's signatures.
      Optional<KeyRing> ring =
          signature.origin() instanceof KeyOrigin.Certificate ? rings.getFirst() : rings.get(i);
      if (ring.isPresent() && ring.get() instanceof PublicKeyRing names) {
        ring = Optional.of(names.as(signature.algorithm()));
      }
      ring.ifPresent(own -> all.add(Channel.of(scheme, signature, own)));
    }
    this.channels = List.copyOf(all);
    this.challenger = new Challenger(scheme);
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
    return prepare(scheme, settings, keys, KeySource.NONE);
  }

  /**
   * The same for schemes whose messages name a public key.
   *
   * @param source asked during {@link #verify} for the key that a message names
   */
  public static SchemeVerifier prepare(
      Scheme scheme, Settings settings, List<VerificationKey> keys, KeySource source) {
    Duration longest = scheme.longestTolerance();
    Duration tolerance =
        settings.tolerance().or(scheme::tolerance).orElse(TimestampRule.LONGEST_TOLERANCE);
    if (tolerance.compareTo(TimestampRule.SHORTEST_TOLERANCE) < 0
        || tolerance.compareTo(longest) > 0) {
      throw new IllegalArgumentException(
          "tolerance: " + tolerance + " (expected: 1s to " + longest.toSeconds() + "s)");
    }
    return new SchemeVerifier(
        scheme, tolerance, settings.publicUrl().map(PublicUrl::of), keys, source);
  }

  /**
   * Verifies one request.
   *
   * @param now the instant to judge timestamps by
   */
  public Verdict verify(SignedRequest request, Instant now) {
    return verify(new RequestFields(request, scheme, publicUrl), now);
  }

  private Verdict verify(RequestFields fields, Instant now) {
    Reason first = Reason.KEY_UNAVAILABLE;
    for (int i = 0; i < channels.size(); i++) {
      try {
        return check(channels.get(i), fields, now);
      } catch (Refusal refusal) {
        first = i == 0 || isLess(first) ? refusal.reason() : first;
      }
    }
    return new Verdict.Refused(first);
  }

  /** That the message was signed in another of the scheme's ways says less than what is wrong. */
  private static boolean isLess(Reason reason) {
    return reason == Reason.SIGNATURE_VERSION_UNSUPPORTED || reason == Reason.SIGNATURE_MISSING;
  }

  private Verdict.Verified check(Channel channel, RequestFields fields, Instant now)
      throws Refusal {
    Claim claim = channel.reader().read(fields);
    ClaimTimes.judge(claim, now, tolerance);
    List<SignedContent> contents = contents(claim, fields);
    boolean plain = channel.isPlain();
    Optional<RemoteKey> remote = plain ? Optional.empty() : channel.remote(claim, source);
    Optional<String> shown = plain ? Optional.empty() : channel.secretShown(fields);
    int matching =
        channel
            .ring()
            .matching(
                new KeyRing.Evidence(claim.tags(), contents, remote.map(RemoteKey::key), shown));
    if (matching == 0) {
      throw Refusal.of(Reason.SIGNATURE_MISMATCH);
    }
    Claim complete = plain ? claim : complete(channel, claim, fields, now);
    Optional<Instant> time = complete.time();
    String keyId = keyId(matching, complete, remote, time.isPresent() ? time.get() : now);
    return new Verdict.Verified(keyId, complete.id(), time, subject(complete, contents.getFirst()));
  }

  /** Checks what could only be checked of a message that is known to be the sender's. */
  private Claim complete(Channel channel, Claim claim, RequestFields fields, Instant now)
      throws Refusal {
    BodyClaims.checkHash(scheme, claim, fields);
    Claim complete = channel.reader().complete(claim, fields);
    if (claim.seconds().isEmpty()) {
      ClaimTimes.judge(complete, now, tolerance);
    }
    BodyClaims.refuseOracle(scheme, fields);
    return complete;
  }

  private String keyId(int matching, Claim claim, Optional<RemoteKey> remote, Instant at)
      throws Refusal {
    boolean certified = scheme.signature().origin() instanceof KeyOrigin.Certificate;
    boolean remoteValid = remote.isPresent() && remote.get().validAt(at);
    for (int i = 0; i < keys.size(); i++) {
      if ((matching >>> i & 1) == 1 && keys.get(i).validAt(at) && (!certified || remoteValid)) {
        return keys.get(i).id();
      }
    }
    if ((matching & KeyRing.REMOTE) != 0
        && remoteValid
        && claim.reference().isPresent()
        && claim.reference().get() instanceof KeyReference.KeyId(String id)) {
      return id;
    }
    throw Refusal.of(Reason.KEY_OUTSIDE_VALIDITY);
  }

  private List<SignedContent> contents(Claim claim, RequestFields fields) throws Refusal {
    Optional<ContentTemplate> template = scheme.content();
    if (template.isEmpty()) {
      return List.of(claim.content().orElse(SignedContent.NONE));
    }
    if (!template.get().has(ContentTemplate.Field.URL)) {
      return List.of(template.get().render(new RequestValues(scheme, claim, fields, "")));
    }
    List<SignedContent> contents = new ArrayList<>();
    for (String url : fields.urls()) {
      contents.add(template.get().render(new RequestValues(scheme, claim, fields, url)));
    }
    return contents;
  }

  private ReplaySubject subject(Claim claim, SignedContent content) {
    ReplayRule.By by = scheme.memory().by();
    String text =
        switch (by) {
          case NONCE -> claim.nonce();
          case SIGNED_ID, UNSIGNED_ID -> claim.id();
          case SIGNED_CONTENT, NONE -> "";
        };
    boolean nothing =
        text.isEmpty() && (by == ReplayRule.By.UNSIGNED_ID || by == ReplayRule.By.NONCE);
    return new ReplaySubject(nothing ? fallback(by) : by, text, content);
  }

  /** A message without the value is another message each time, or the same by its content. */
  private static ReplayRule.By fallback(ReplayRule.By by) {
    return by == ReplayRule.By.NONCE ? ReplayRule.By.SIGNED_CONTENT : ReplayRule.By.NONE;
  }

  /**
   * The answer to a question that comes unsigned, before anything is verified: GETs, and Asana's
   * handshake. Costs nothing for schemes without one.
   *
   * @param now the instant at which a key must count that the answer is made with
   */
  public Challenge unsignedChallenge(
      SignedRequest request, Instant now, Challenge.Settings settings) {
    return challenger.answer(
        new RequestFields(request, scheme, publicUrl),
        false,
        settings,
        text -> keyed(text, key -> key.validAt(now)));
  }

  /**
   * The answer to a question that the provider signed.
   *
   * @param verified the verdict on this very request
   */
  public Challenge signedChallenge(SignedRequest request, Verdict.Verified verified) {
    return challenger.answer(
        new RequestFields(request, scheme, publicUrl),
        true,
        Challenge.Settings.NONE,
        text -> keyed(text, key -> key.id().equals(verified.keyId())));
  }

  private Optional<byte[]> keyed(byte[] text, Predicate<VerificationKey> counts) {
    for (int i = 0; i < keys.size(); i++) {
      if (counts.test(keys.get(i)) && channels.getFirst().ring() instanceof KeyRing.MacKeys macs) {
        return macs.sign(i, text);
      }
    }
    return Optional.empty();
  }

  /** The scheme verified by. */
  public Scheme scheme() {
    return scheme;
  }

  /** How this endpoint recognises a message it has seen, whatever its tolerance. */
  public ReplayRule replay() {
    return scheme.replay();
  }

  @Override
  public String toString() {
    return "SchemeVerifier[" + scheme.name() + ", " + keys + "]";
  }

  /** The bytes that a request must have signed, in one copy; for tests and explanations. */
  byte[] signedContent(SignedRequest request) throws Refusal {
    RequestFields fields = new RequestFields(request, scheme, publicUrl);
    Claim claim = channels.getFirst().reader().read(fields);
    return contents(claim, fields).getFirst().toBytes();
  }
}
