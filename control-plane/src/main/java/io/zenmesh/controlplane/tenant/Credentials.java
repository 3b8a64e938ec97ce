package io.zenmesh.controlplane.tenant;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.Optional;

/**
 * Issues tokens and finds out whose a token or a certificate is. Thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A token's text leaves {@link #issue} once and is kept nowhere. Look-ups run in the context of
 * the tenant that the credential names; digests are compared in constant time; why a credential
 * opens nothing is for the record only.
 */
public final class Credentials {
  /** The shortest life of a token. */
  public static final Duration SHORTEST = Duration.ofMinutes(1);

  /** The longest life of a token. */
  public static final Duration LONGEST = Duration.ofDays(366);

  private final PrincipalStore store;
  private final SecureRandom random;
  private final InstantSource clock;

  public Credentials(PrincipalStore store, SecureRandom random, InstantSource clock) {
    this.store = store;
    this.random = random;
    this.clock = clock;
  }

  /** What a credential proves. */
  public sealed interface Proof {
    /** An identity. */
    record Proved(Caller.Member member) implements Proof {}

    /**
     * Nothing.
     *
     * @param claimed what it claims to be
     * @param reason a stable code: token_malformed, token_unknown, token_expired, token_revoked,
     *     no_principal
     */
    record Nothing(Actor claimed, String reason) implements Proof {}
  }

  /** A new token: what is kept of it, and its text, the caller's to close. */
  public static final class Issued implements AutoCloseable {
    private final ApiToken token;
    private final SecretBytes text;

    private Issued(ApiToken token, SecretBytes text) {
      this.token = token;
      this.text = text;
    }

    public ApiToken token() {
      return token;
    }

    /** In ASCII; shown once. */
    public SecretBytes text() {
      return text;
    }

    @Override
    public void close() {
      text.close();
    }
  }

  /**
   * Makes a token in the tenant of the context; the caller's to close.
   *
   * @return empty when there is no such principal
   * @throws IllegalArgumentException when its life is out of bounds
   */
  public Optional<Issued> issue(Name principal, Role role, Duration life) {
    if (life.compareTo(SHORTEST) < 0 || life.compareTo(LONGEST) > 0) {
      throw new IllegalArgumentException(
          "life: " + life + " (expected: " + SHORTEST + " to " + LONGEST + ")");
    }
    Name tenant = TenantContext.required();
    byte[] secret = new byte[TokenText.SECRET_BYTES];
    random.nextBytes(secret);
    byte[] id = new byte[8];
    random.nextBytes(id);
    Instant now = clock.instant();
    try (TokenText text =
        new TokenText(tenant, HexFormat.of().formatHex(id), SecretBytes.takeOver(secret))) {
      ApiToken token =
          new ApiToken(
              text.id(), principal, role, text.digest(), now, now.plus(life), Optional.empty());
      return store.add(token) ? Optional.of(new Issued(token, text.text())) : Optional.empty();
    }
  }

  /** Whose token this is. */
  public Proof ofToken(String bearer) {
    Optional<TokenText> parsed = TokenText.parse(bearer);
    if (parsed.isEmpty()) {
      return new Proof.Nothing(new Actor(Actor.Kind.UNKNOWN, "token"), "token_malformed");
    }
    try (TokenText text = parsed.get()) {
      TokenDigest shown = text.digest();
      return TenantContext.within(text.tenant(), () -> ofToken(text.tenant(), text.id(), shown));
    }
  }

  private Proof ofToken(Name tenant, String id, TokenDigest shown) {
    String credential = "token/" + id;
    Actor claimed = new Actor(Actor.Kind.UNKNOWN, "tenant/" + tenant + " by " + credential);
    Optional<ApiToken> token = store.token(id).filter(it -> it.digest().matches(shown));
    if (token.isEmpty()) {
      return new Proof.Nothing(claimed, "token_unknown");
    }
    if (token.get().revoked().isPresent()) {
      return new Proof.Nothing(claimed, "token_revoked");
    }
    if (!token.get().goodAt(clock.instant())) {
      return new Proof.Nothing(claimed, "token_expired");
    }
    return store
        .principal(token.get().principal())
        .<Proof>map(principal ->
            new Proof.Proved(
                new Caller.Member(
                    tenant,
                    principal.name(),
                    principal.role().orLess(token.get().role()),
                    credential)))
        .orElseGet(() -> new Proof.Nothing(claimed, "no_principal"));
  }

  /** Whose certificate this is; it has been validated. */
  public Proof ofCertificate(SpiffeId id) {
    String text = id.toString();
    Actor claimed =
        new Actor(Actor.Kind.UNKNOWN, text.substring(0, Math.min(text.length(), Actor.MAX_ID)));
    return Principal.tenantOf(id)
        .flatMap(tenant ->
            TenantContext.within(
                tenant,
                () ->
                    store
                        .bySpiffeId(id)
                        .map(it -> new Caller.Member(tenant, it.name(), it.role(), "certificate"))))
        .<Proof>map(Proof.Proved::new)
        .orElseGet(() -> new Proof.Nothing(claimed, "no_principal"));
  }
}
