package io.zenmesh.extproc.signature;

import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A JSON Web Token in compact form (RFC 7515, RFC 7519). Its algorithm is pinned by the scheme and
 * the key, never by the token; {@code crit}, unencoded payloads and keys inside the token are
 * refused; every part has one spelling.
 *
 * @param algorithm the only {@code alg} that is accepted
 * @param prefix before the token, such as {@code Bearer} and a blank; may be empty
 * @param claims names of the claims that the scheme reads
 */
record TokenForm(String algorithm, String prefix, Set<String> claims) implements SignatureForm {
  /** The part that holds the key id of the token's header. */
  static final String KEY_ID = "kid";

  /** Claims that are judged wherever they stand. */
  static final Set<String> TIMES = Set.of("exp", "nbf");

  private static final TextGrammar TOKEN = TextGrammar.parse("[A-Za-z0-9._-]{5,1024}");
  private static final int LONGEST = 8192;
  private static final String DOT = "\\.";

  @Override
  public Parts split(String text) throws Refusal {
    if (!text.regionMatches(true, 0, prefix, 0, prefix.length())) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    String token = text.substring(prefix.length());
    if (token.indexOf(',') >= 0) {
      throw Refusal.of(Reason.HEADER_DUPLICATED);
    }
    String[] segments = token.split(DOT, -1);
    if (token.length() > LONGEST || segments.length != 3 || !token.chars().allMatch(this::fits)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    byte[] head = TagEncoding.BASE64URL.decode(segments[0], TagEncoding.ANY);
    byte[] payload =
        segments[1].isEmpty()
            ? new byte[0]
            : TagEncoding.BASE64URL.decode(segments[1], TagEncoding.ANY);
    Map<String, String> named = new HashMap<>(header(token, head));
    named.putAll(claims(payload));
    byte[] signed = (segments[0] + "." + segments[1]).getBytes(StandardCharsets.US_ASCII);
    return new Parts(
        List.of(segments[2]),
        named,
        Optional.of(new SignedContent(List.of(new SignedContent.Piece.Text(signed)))));
  }

  private boolean fits(int c) {
    return TOKEN.allows((char) c);
  }

  private Map<String, String> header(String token, byte[] head) throws Refusal {
    JsonPath alg = new JsonPath(List.of("alg"));
    JsonPath kid = new JsonPath(List.of(KEY_ID));
    Map<JsonPath, String> read = read(head, List.of(alg, kid));
    String named = read.getOrDefault(alg, "");
    if (named.isEmpty()) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    if (!named.equals(algorithm)) {
      throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
    }
    try {
      JWSHeader header = JWSObject.parse(token).getHeader();
      boolean plain =
          header.getCriticalParams() == null
              && header.isBase64URLEncodePayload()
              && header.getJWK() == null
              && header.getJWKURL() == null
              && header.getX509CertURL() == null
              && header.getX509CertChain() == null;
      if (!plain) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
    } catch (ParseException | RuntimeException malformed) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return read.containsKey(kid) ? Map.of(KEY_ID, read.getOrDefault(kid, "")) : Map.of();
  }

  private Map<String, String> claims(byte[] payload) throws Refusal {
    Map<JsonPath, String> wanted = new HashMap<>();
    claims.forEach(name -> wanted.put(new JsonPath(List.of(name)), name));
    TIMES.forEach(name -> wanted.put(new JsonPath(List.of(name)), name));
    Map<String, String> named = new HashMap<>();
    if (payload.length > 0 && payload[0] == '{') {
      read(payload, wanted.keySet().stream().toList())
          .forEach((path, value) -> named.put(path.steps().getFirst(), value));
    }
    return named;
  }

  private static Map<JsonPath, String> read(byte[] json, List<JsonPath> paths) throws Refusal {
    try {
      return JsonFields.read(ByteBuffer.wrap(json), paths);
    } catch (Refusal malformed) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
  }

  @Override
  public boolean namesContent() {
    return true;
  }

  @Override
  public String join(Map<String, String> named, String signature) {
    return signature;
  }

  /** Everything before the signature, for claims whose values are written as JSON. */
  String unsigned(Map<String, String> values) {
    String head = "{\"alg\":\"" + algorithm + "\",\"typ\":\"JWT\"}";
    String payload =
        values.entrySet().stream()
            .map(claim -> "\"" + claim.getKey() + "\":" + claim.getValue())
            .collect(Collectors.joining(",", "{", "}"));
    return prefix + encoded(head) + "." + encoded(payload) + ".";
  }

  private static String encoded(String json) {
    return TagEncoding.BASE64URL.encode(json.getBytes(StandardCharsets.UTF_8));
  }
}
