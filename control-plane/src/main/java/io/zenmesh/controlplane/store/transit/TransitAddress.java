package io.zenmesh.controlplane.store.transit;

import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.KmsPlace;
import java.net.URI;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a key of a transit engine is, and who asks.
 *
 * @param server {@code https://host[:port]}
 * @param mount where the engine is mounted
 * @param key the key's name there
 * @param token a file of mode 0600 with a token; read again at each request, so that it may change
 * @param roots certificates in PEM that the server's is judged by
 */
public record TransitAddress(URI server, String mount, String key, Path token, Path roots)
    implements KmsPlace {
  private static final Pattern FORM =
      Pattern.compile(
          "(https://[A-Za-z0-9.-]{1,253}(?::[0-9]{1,5})?)/([A-Za-z0-9_-]{1,40})/([A-Za-z0-9_-]{1,40})");

  /**
   * Reads {@code https://HOST[:PORT]/MOUNT/KEY}.
   *
   * @throws IllegalArgumentException when the text has another form
   */
  public static TransitAddress parse(String text, Path token, Path roots) {
    Matcher match = FORM.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "kek-transit: " + text + " (expected: https://HOST[:PORT]/MOUNT/KEY)");
    }
    return new TransitAddress(
        URI.create(match.group(1)), match.group(2), match.group(3), token, roots);
  }

  /** What the ids of its keys begin with. */
  String prefix() {
    return "transit:" + mount + "/" + key + ":";
  }

  @Override
  public String expected(KmsFault fault) {
    return switch (fault) {
      case KMS_UNREACHABLE -> "a server that its roots vouch for";
      case KMS_TIMED_OUT -> "an answer in time";
      case KMS_DENIED -> "a token whose policy allows it";
      case KMS_UNAVAILABLE -> "an unsealed server";
      case KMS_KEY_UNFIT -> "an AEAD key, not derived, not exportable";
      case KMS_UNBOUND -> "a server that binds associated_data";
      case KMS_ANSWER_UNKNOWN -> "a transit engine";
    };
  }

  @Override
  public String toString() {
    return server + "/" + mount + "/" + key;
  }
}
