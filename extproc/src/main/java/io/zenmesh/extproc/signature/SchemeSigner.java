package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** Signs requests as a provider would. Pure: time, id and nonce are arguments. Thread-safe. */
public final class SchemeSigner {
  private SchemeSigner() {}

  /**
   * What is to be signed.
   *
   * @param method upper case
   * @param authority the host, and the port unless it is 443
   * @param path path and query, in normal form
   * @param body all of it, positioned at its start; not consumed
   */
  public record Message(String method, String authority, String path, ByteBuffer body) {}

  /**
   * What makes one delivery different from another.
   *
   * @param at the time to sign
   * @param id the event's id, or the nonce for schemes that have one
   * @param keyHint the id of the key, for schemes that send it
   */
  public record Delivery(Instant at, String id, Optional<String> keyHint) {
    /** Without a key hint. */
    public Delivery(Instant at, String id) {
      this(at, id, Optional.empty());
    }
  }

  /**
   * The headers to send, in order, named as the provider writes them.
   *
   * @param secret as the provider shows it
   * @throws IllegalArgumentException when the secret does not decode, or a part of the message does
   *     not follow the scheme's grammar; the message holds nothing of the secret
   */
  public static Map<String, String> sign(
      Scheme scheme, SecretBytes secret, Message message, Delivery delivery) {
    Scheme.Inputs inputs = scheme.inputs();
    Map<String, String> headers = new LinkedHashMap<>();
    Map<String, String> parts = new LinkedHashMap<>();
    String timestamp = "";
    if (inputs.timestamp().isPresent()) {
      timestamp = Long.toString(delivery.at().getEpochSecond());
      put(inputs.timestamp().get().source(), timestamp, headers, parts);
    }
    putText("id", inputs.id(), delivery.id(), headers, parts);
    putText("nonce", inputs.nonce(), delivery.id(), headers, parts);
    if (delivery.keyHint().isPresent()) {
      putText("key hint", inputs.keyHint(), delivery.keyHint().get(), headers, parts);
    }
    Claim claim =
        new Claim(List.of(), timestamp, OptionalLong.empty(), delivery.id(), delivery.id());
    String tag = scheme.signature().encoding().encode(tag(scheme, secret, message, claim));
    headers.put(scheme.signature().header().shown(), scheme.signature().form().join(parts, tag));
    return Collections.unmodifiableMap(headers);
  }

  private static byte[] tag(Scheme scheme, SecretBytes secret, Message message, Claim claim) {
    byte[] shown = secret.copy(SecretAccess.granted());
    byte[] key = new byte[0];
    try {
      key = scheme.signature().key().decode(shown);
      Optional<ContentTemplate> template = scheme.content();
      if (template.isEmpty()) {
        return key.clone();
      }
      Mac mac = KeyRing.HmacKeys.keyed(new SecretKeySpec(key, "HmacSHA256"));
      SignedRequest request = new Outgoing(message);
      template
          .get()
          .render(new SchemeVerifier.RequestValues(claim, request, Optional.empty()))
          .feed(mac);
      return mac.doFinal();
    } catch (Refusal refusal) {
      throw new IllegalArgumentException(
          "message: " + refusal.reason().code() + " (expected: visible ASCII)", refusal);
    } finally {
      Arrays.fill(shown, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  private static void putText(
      String what,
      Optional<Scheme.Text> text,
      String value,
      Map<String, String> headers,
      Map<String, String> parts) {
    if (text.isEmpty()) {
      return;
    }
    Optional<TextGrammar> grammar = text.get().grammar();
    boolean fits =
        grammar.map(g -> g.matches(value)).orElse(HeaderText.isVisible(value) && !value.isEmpty());
    if (!fits) {
      String expected = grammar.map(TextGrammar::toString).orElse("visible ASCII");
      throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
    }
    put(text.get().source(), value, headers, parts);
  }

  private static void put(
      ValueSource source, String value, Map<String, String> headers, Map<String, String> parts) {
    switch (source) {
      case ValueSource.Part(String name) -> parts.put(name, value);
      case ValueSource.Headers(var names) -> headers.put(names.getFirst().shown(), value);
    }
  }

  /**
   * A message as the engine reads requests.
   *
   * @param message without headers
   */
  private record Outgoing(Message message) implements SignedRequest {
    @Override
    public String method() {
      return message.method();
    }

    @Override
    public String authority() {
      return message.authority();
    }

    @Override
    public String path() {
      return message.path();
    }

    @Override
    public List<String> header(String lowerCaseName) {
      return List.of();
    }

    @Override
    public ByteBuffer body() {
      return message.body().asReadOnlyBuffer();
    }
  }
}
