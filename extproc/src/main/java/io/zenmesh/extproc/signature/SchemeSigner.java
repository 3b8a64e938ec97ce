package io.zenmesh.extproc.signature;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
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
    Scheme.Signature signature = scheme.signature();
    if (!(signature.source() instanceof ValueSource.Headers)
        || signature.algorithm().kind() == SignatureAlgorithm.Kind.PUBLIC
            && signature.algorithm() != SignatureAlgorithm.ED25519) {
      throw new IllegalArgumentException(
          "scheme: " + scheme.name() + " (expected: one with a shared secret and a header)");
    }
    Outgoing outgoing = new Outgoing(scheme, message);
    String timestamp = "";
    if (scheme.inputs().timestamp().isPresent()) {
      TimestampRule rule = scheme.inputs().timestamp().get();
      timestamp = rule.unit().write(delivery.at());
      outgoing.put(rule.source(), timestamp);
    }
    outgoing.put("id", scheme.inputs().id(), delivery.id());
    if (!scheme.inputs().nonceOptional()) {
      outgoing.put("nonce", scheme.inputs().nonce(), delivery.id());
    }
    if (delivery.keyHint().isPresent()) {
      outgoing.put("key hint", scheme.inputs().keyHint(), delivery.keyHint().get());
    }
    outgoing.putConditions();
    byte[] shown = secret.copy(SecretAccess.granted());
    byte[] key = new byte[0];
    try {
      boolean own = signature.algorithm().kind() == SignatureAlgorithm.Kind.PUBLIC;
      key = own ? shown.clone() : signature.key().decode(shown);
      if (signature.form().namesContent()) {
        String keyId = delivery.keyHint().orElse("key");
        signContent(outgoing, keyId, delivery.at(), key);
      } else {
        Claim claim =
            new Claim(
                List.of(),
                outgoing.parts,
                Optional.empty(),
                timestamp,
                OptionalLong.empty(),
                delivery.id(),
                delivery.id(),
                Optional.empty());
        byte[] tag = templateTag(scheme, claim, outgoing, key);
        outgoing.finish(signature.encoding().encode(tag));
      }
      return Collections.unmodifiableMap(outgoing.headers);
    } catch (Refusal refusal) {
      throw new IllegalArgumentException(
          "message: " + refusal.reason().code() + " (expected: visible ASCII)", refusal);
    } finally {
      Arrays.fill(shown, (byte) 0);
      Arrays.fill(key, (byte) 0);
    }
  }

  private static byte[] templateTag(Scheme scheme, Claim claim, Outgoing outgoing, byte[] key)
      throws Refusal {
    Optional<ContentTemplate> template = scheme.content();
    if (template.isEmpty()) {
      return key.clone();
    }
    RequestFields fields = new RequestFields(outgoing, scheme, Optional.empty());
    String url = template.get().has(ContentTemplate.Field.URL) ? fields.urls().getFirst() : "";
    SignedContent content = template.get().render(new RequestValues(scheme, claim, fields, url));
    return tag(scheme.signature().algorithm(), content, key);
  }

  /** Writes the header with an empty signature first, and reads from it what is to be signed. */
  private static void signContent(Outgoing outgoing, String keyId, Instant at, byte[] key)
      throws Refusal {
    Scheme.Signature signature = outgoing.scheme.signature();
    String created = Long.toString(at.getEpochSecond());
    String placeholder = signature.encoding().encode(new byte[3]);
    outgoing.putDigests();
    String head =
        switch (signature.form()) {
          case TokenForm token -> token.unsigned(outgoing.claims(token, created));
          case MessageSignatureForm form -> {
            outgoing.headers.put(
                MessageSignatureForm.INPUT_HEADER,
                "sig1=" + form.parameters(outgoing.path(), created, keyId));
            yield "";
          }
          case CavageForm form -> form.unsigned(created, keyId);
          case SignatureForm.Plain ignored -> "";
          case SignatureForm.KeyValues ignored -> "";
          case SignatureForm.VersionedList ignored -> "";
        };
    String name = signature.header().shown();
    outgoing.headers.put(name, write(signature.form(), head, placeholder));
    RequestFields fields = new RequestFields(outgoing, outgoing.scheme, Optional.empty());
    SignedContent content =
        signature
            .form()
            .split(outgoing.headers.getOrDefault(name, ""), fields)
            .content()
            .orElse(SignedContent.NONE);
    String tag = signature.encoding().encode(tag(signature.algorithm(), content, key));
    outgoing.headers.put(name, write(signature.form(), head, tag));
  }

  private static String write(SignatureForm form, String head, String tag) {
    return head + form.join(Map.of(), tag);
  }

  private static byte[] tag(SignatureAlgorithm algorithm, SignedContent content, byte[] key) {
    return switch (algorithm.kind()) {
      case MAC -> {
        Mac mac = KeyRing.MacKeys.keyed(new SecretKeySpec(key, algorithm.platformName()));
        content.feed(mac);
        yield mac.doFinal();
      }
      case HASH -> {
        MessageDigest digest = Sha256.local();
        content.feed(digest, key);
        yield digest.digest();
      }
      case TOKEN -> key.clone();
      case PUBLIC -> PrivateKeys.sign(algorithm, key, content);
    };
  }

  /** A message on its way, as the engine reads requests. */
  private static final class Outgoing implements SignedRequest {
    private final Scheme scheme;
    private final Message message;
    private final Map<String, String> headers = new LinkedHashMap<>();
    private final Map<String, String> parts = new LinkedHashMap<>();

    Outgoing(Scheme scheme, Message message) {
      this.scheme = scheme;
      this.message = message;
      scheme
          .content()
          .ifPresent(template ->
              template.sources().stream()
                  .filter(ValueSource.Part.class::isInstance)
                  .forEach(source -> put(source, "")));
    }

    void put(String what, Optional<Scheme.Text> text, String value) {
      if (text.isEmpty()
          || text.get().source() instanceof ValueSource.Json
          || text.get().source() instanceof ValueSource.Query) {
        return;
      }
      Optional<TextGrammar> grammar = text.get().grammar();
      boolean fits =
          grammar
              .map(g -> g.matches(value))
              .orElse(HeaderText.isVisible(value) && !value.isEmpty());
      if (!fits) {
        String expected = grammar.map(TextGrammar::toString).orElse("visible ASCII");
        throw new IllegalArgumentException(what + ": " + value + " (expected: " + expected + ")");
      }
      put(text.get().source(), value);
    }

    void put(ValueSource source, String value) {
      switch (source) {
        case ValueSource.Part(String name) -> parts.put(name, value);
        case ValueSource.Headers(var names) -> headers.put(names.getFirst().shown(), value);
        case ValueSource.Json ignored -> {
          // The body holds it already.
        }
        case ValueSource.Query ignored -> {
          // So does the path.
        }
      }
    }

    void putConditions() {
      scheme
          .signature()
          .when()
          .filter(when -> when.source() instanceof ValueSource.Headers)
          .ifPresent(when -> put(when.source(), when.equal().orElse("1")));
    }

    void putDigests() {
      List<String> names =
          scheme.signature().form().otherHeaders().stream()
              .map(ValueSource.HeaderName::lowerCase)
              .toList();
      if (names.contains(MessageSignatureForm.CONTENT_DIGEST)) {
        headers.put("Content-Digest", BodyDigest.contentDigest(message.body()));
      }
      if (names.contains("digest")) {
        headers.put("Digest", BodyDigest.digest(message.body()));
      }
    }

    Map<String, String> claims(TokenForm token, String created) {
      Map<String, String> claims = new LinkedHashMap<>();
      parts.forEach((name, value) -> claims.put(name, "\"" + value + "\""));
      if (token.claims().contains("iat")) {
        claims.put("iat", created);
      }
      scheme
          .bodyHash()
          .ifPresent(rule -> {
            if (rule.source() instanceof ValueSource.Part(String name)) {
              byte[] hash = Sha256.of(message.body());
              claims.put(name, "\"" + rule.encoding().encode(hash) + "\"");
            }
          });
      return claims;
    }

    void finish(String tag) {
      headers.put(scheme.signature().header().shown(), scheme.signature().form().join(parts, tag));
    }

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
      for (Map.Entry<String, String> header : headers.entrySet()) {
        if (header.getKey().equalsIgnoreCase(lowerCaseName)) {
          return List.of(header.getValue());
        }
      }
      // Twilio's other bodies say their hash in the URL.
      return lowerCaseName.equals("content-type")
          ? List.of("application/x-www-form-urlencoded")
          : List.of();
    }

    @Override
    public ByteBuffer body() {
      return message.body().asReadOnlyBuffer();
    }
  }
}
