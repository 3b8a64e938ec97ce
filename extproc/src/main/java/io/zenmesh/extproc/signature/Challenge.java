package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretBytes;
import java.net.URI;
import java.util.Map;
import java.util.Optional;

/**
 * A provider's question to the endpoint, and what to do about it. Questions are answered at the
 * edge and never forwarded.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A question that the provider signs is answered only after it was verified. What an answer
 * repeats or hashes matches {@code [A-Za-z0-9_-]{1,128}}, and no event that could be made this way
 * is ever verified: the endpoint signs nobody's event (docs: decision on challenges).
 */
public sealed interface Challenge {
  /** The request is no question: an event like any other. */
  record None() implements Challenge {}

  /**
   * Send this, and nothing upstream.
   *
   * @param status 200
   * @param headers lower-case names
   * @param body ASCII, may be empty
   */
  record Answer(int status, Map<String, String> headers, String body) implements Challenge {
    public Answer {
      headers = Map.copyOf(headers);
    }

    /** Without what it says: an answer may repeat a secret. */
    @Override
    public String toString() {
      return "Answer[" + status + "]";
    }
  }

  /**
   * Answer 200 without a body and ask the operator whether to confirm, by opening the URL. Its host
   * is pinned by the scheme.
   *
   * @param url opened once the operator agreed
   */
  record AskOperator(URI url) implements Challenge {
    /** Whoever has the URL can confirm. */
    @Override
    public String toString() {
      return "AskOperator[]";
    }
  }

  /**
   * Refuse.
   *
   * @param reason the full reason
   */
  record Refused(Reason reason) implements Challenge {}

  /** Store the secret, if none is stored, and only then send the answer. */
  final class TakeSecret implements Challenge {
    private final SecretBytes secret;
    private final Answer answer;

    TakeSecret(SecretBytes secret, Answer answer) {
      this.secret = secret;
      this.answer = answer;
    }

    /** The secret that the provider handed over. */
    public SecretBytes secret() {
      return secret;
    }

    /** Echoes the secret, so never log it. */
    public Answer answer() {
      return answer;
    }

    @Override
    public String toString() {
      return "TakeSecret[]";
    }
  }

  /** What an endpoint knows for its questions. Not a record: it holds a secret. */
  final class Settings {
    /** No verify token, no handshake. */
    public static final Settings NONE = new Settings(Optional.empty(), false);

    private final Optional<SecretBytes> verifyToken;
    private final boolean handshakeOpen;

    /**
     * @param verifyToken what the provider was told to send, for those that ask so (Meta)
     * @param handshakeOpen whether the operator opened a window and no secret is stored yet (Asana)
     */
    public Settings(Optional<SecretBytes> verifyToken, boolean handshakeOpen) {
      this.verifyToken = verifyToken;
      this.handshakeOpen = handshakeOpen;
    }

    Optional<SecretBytes> verifyToken() {
      return verifyToken;
    }

    boolean handshakeOpen() {
      return handshakeOpen;
    }
  }
}
