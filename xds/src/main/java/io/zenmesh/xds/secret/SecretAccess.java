package io.zenmesh.xds.secret;

/**
 * The token without which no secret opens. Whoever asks for it says so in its source: searching for
 * {@code SecretAccess.granted()} lists every place in the product that sees plaintext.
 */
public final class SecretAccess {
  private static final SecretAccess GRANTED = new SecretAccess();

  private SecretAccess() {}

  /** The token. Call it where the bytes are used, never to hand it on. */
  public static SecretAccess granted() {
    return GRANTED;
  }
}
