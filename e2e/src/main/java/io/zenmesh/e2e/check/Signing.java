package io.zenmesh.e2e.check;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs as the providers document it, apart from the engine that verifies. */
public final class Signing {
  private static final String KEY_PREFIX = "zenk1_";
  private static final String STANDARD_PREFIX = "whsec_";

  private Signing() {}

  /**
   * The header fields a provider adds.
   *
   * @param scheme the catalogue name
   * @param secretFile the secret as the provider shows it
   * @param request what is sent, without them
   * @param at the time it states
   * @param id its nonce or id: {@code [A-Za-z0-9_-]{16,64}}
   */
  public static List<Field> headers(
      String scheme, Path secretFile, WireRequest request, Instant at, String id)
      throws IOException {
    byte[] secret = trimmed(Files.readAllBytes(secretFile));
    byte[] body = request.body().toByteArray();
    String t = Long.toString(at.getEpochSecond());
    return switch (scheme) {
      case "zen" -> List.of(zen(secret, request, t, id));
      case "github" ->
          List.of(
              new Field("X-Hub-Signature-256", "sha256=" + hex(hmac(secret, body))),
              new Field("X-GitHub-Delivery", id),
              new Field("X-GitHub-Event", "push"));
      case "gitlab-token" ->
          List.of(
              new Field("X-Gitlab-Token", new String(secret, StandardCharsets.UTF_8)),
              new Field("X-Gitlab-Event-UUID", id),
              new Field("Idempotency-Key", id));
      case "stripe" ->
          List.of(
              new Field(
                  "Stripe-Signature",
                  "t=" + t + ",v1=" + hex(hmac(secret, join(ascii(t + "."), body)))));
      case "standard-webhooks" -> standard(secret, body, t, "msg_" + id);
      default ->
          throw new IllegalArgumentException("scheme: " + scheme + " (expected: of the demo set)");
    };
  }

  private static Field zen(byte[] secret, WireRequest request, String t, String nonce) {
    byte[] key =
        Base64.getUrlDecoder()
            .decode(new String(secret, StandardCharsets.US_ASCII).substring(KEY_PREFIX.length()));
    String content =
        String.join(
            "\n",
            "zen-v1",
            request.method(),
            request.authority().toLowerCase(Locale.ROOT),
            request.path(),
            t,
            nonce,
            hex(sha256(request.body().toByteArray())));
    return new Field(
        "X-Zen-Signature", "t=" + t + ",n=" + nonce + ",v1=" + hex(hmac(key, ascii(content))));
  }

  private static List<Field> standard(byte[] secret, byte[] body, String t, String id) {
    byte[] key =
        Base64.getDecoder()
            .decode(
                new String(secret, StandardCharsets.US_ASCII).substring(STANDARD_PREFIX.length()));
    byte[] mac = hmac(key, join(ascii(id + "." + t + "."), body));
    return List.of(
        new Field("webhook-id", id),
        new Field("webhook-timestamp", t),
        new Field("webhook-signature", "v1," + Base64.getEncoder().encodeToString(mac)));
  }

  private static byte[] trimmed(byte[] bytes) {
    boolean newline = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    return newline ? Arrays.copyOf(bytes, bytes.length - 1) : bytes;
  }

  private static byte[] hmac(byte[] key, byte[] content) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }

  private static byte[] sha256(byte[] content) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(content);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static byte[] join(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static String hex(byte[] bytes) {
    return HexFormat.of().formatHex(bytes);
  }
}
