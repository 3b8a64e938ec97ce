package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token as its bearer writes it: {@code zent_<tenant>.<id>.<43 letters of base64url>}.
 *
 * <p>It says whose it is, so that the tenant's context is set before anything is looked up; a lie
 * about that finds nothing. The prefix is for scanners of leaked secrets.
 */
final class TokenText implements AutoCloseable {
  static final int SECRET_BYTES = 32;

  private static final Pattern FORM =
      Pattern.compile(
          "zent_([a-z0-9][a-z0-9-]{0,62})\\.([0-9a-f]{16})\\.([A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])");

  private final Name tenant;
  private final String id;
  private final SecretBytes secret;

  TokenText(Name tenant, String id, SecretBytes secret) {
    this.tenant = tenant;
    this.id = id;
    this.secret = secret;
  }

  /** Reads a token, the caller's to close; empty when it has another form. */
  static Optional<TokenText> parse(String text) {
    Matcher match = FORM.matcher(text);
    return match.matches()
        ? Optional.of(
            new TokenText(
                new Name(match.group(1)),
                match.group(2),
                SecretBytes.takeOver(Base64.getUrlDecoder().decode(match.group(3)))))
        : Optional.empty();
  }

  Name tenant() {
    return tenant;
  }

  String id() {
    return id;
  }

  TokenDigest digest() {
    return TokenDigest.of(secret);
  }

  /** The text to be shown once, in ASCII, the caller's to close. */
  SecretBytes text() {
    byte[] clear = secret.copy(SecretAccess.granted());
    byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(clear);
    byte[] head = ("zent_" + tenant + "." + id + ".").getBytes(StandardCharsets.US_ASCII);
    byte[] whole = Arrays.copyOf(head, head.length + encoded.length);
    System.arraycopy(encoded, 0, whole, head.length, encoded.length);
    Arrays.fill(clear, (byte) 0);
    Arrays.fill(encoded, (byte) 0);
    return SecretBytes.takeOver(whole);
  }

  @Override
  public void close() {
    secret.close();
  }
}
