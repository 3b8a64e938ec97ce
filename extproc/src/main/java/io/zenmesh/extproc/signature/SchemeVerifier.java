package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.VerificationKey;
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
 */
public final class SchemeVerifier {
  private SchemeVerifier() {}

  /**
   * What an endpoint may state beside its scheme.
   *
   * @param tolerance replaces the scheme's own
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
   * @throws IllegalArgumentException when a key is empty or does not decode; the message names the
   *     key's id, never its content
   */
  public static SchemeVerifier prepare(
      Scheme scheme, Settings settings, List<VerificationKey> keys) {
    throw new UnsupportedOperationException();
  }

  /**
   * Verifies one request.
   *
   * @param now the instant to judge timestamps by
   */
  public Verdict verify(SignedRequest request, Instant now) {
    throw new UnsupportedOperationException();
  }

  /** The scheme verified by. */
  public Scheme scheme() {
    throw new UnsupportedOperationException();
  }
}
