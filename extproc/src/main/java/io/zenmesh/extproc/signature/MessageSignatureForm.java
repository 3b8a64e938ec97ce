package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * HTTP Message Signatures (RFC 9421) with one signature, written in the canonical form of RFC 8941,
 * and RFC 9530's {@code Content-Digest}. Component parameters are refused.
 *
 * @param algorithm as the {@code alg} parameter names it; a key decides it, the message may repeat
 *     it
 * @param covers what must be signed: of each set one component; where {@code @path} is in one and
 *     the request has a query, also {@code @query} or what includes it
 * @param components the headers that may be signed
 */
record MessageSignatureForm(
    String algorithm, List<Set<String>> covers, List<ValueSource.HeaderName> components)
    implements SignatureForm {
  static final String INPUT_HEADER = "Signature-Input";
  static final String CONTENT_DIGEST = "content-digest";

  // Neither pattern can backtrack: every repetition ends at a character that it excludes.
  private static final Pattern SIGNATURE =
      Pattern.compile("([a-z*][a-z0-9_.*-]{0,63}+)=:([A-Za-z0-9+/=]{1,1024}+):");
  private static final Pattern INPUT =
      Pattern.compile(
          "([a-z*][a-z0-9_.*-]{0,63}+)=(\\(([^()]{0,1024}+)\\)((?:;[a-z]{1,16}+="
              + "(?:\"[ !#-\\[\\]-~]{0,256}+\"|[0-9]{1,12}+)){1,8}+))");
  private static final Pattern COMPONENT = Pattern.compile("\"(@?[a-z0-9-]{1,64}+)\"");
  private static final int LONGEST_INPUT = 4096;
  private static final Set<String> WITH_QUERY = Set.of("@query", "@request-target", "@target-uri");

  @Override
  public Parts split(String text) {
    throw new IllegalStateException("a message signature is read with its message");
  }

  @Override
  public Parts split(String text, RequestFields fields) throws Refusal {
    String inputText = fields.single("signature-input");
    if (inputText.isEmpty()) {
      throw Refusal.of(Reason.SIGNATURE_MISSING);
    }
    Matcher signature = SIGNATURE.matcher(text);
    Matcher input = INPUT.matcher(inputText);
    boolean fits =
        inputText.length() <= LONGEST_INPUT
            && signature.matches()
            && input.matches()
            && signature.group(1).equals(input.group(1));
    if (!fits) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    Map<String, String> parameters = parameters(input.group(4));
    String claimed = parameters.getOrDefault("alg", algorithm);
    if (!claimed.equals(algorithm)) {
      throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
    }
    List<String> covered = covered(input.group(3));
    if (leavesQueryOpen(covered, fields.request().path())) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    if (covered.contains(CONTENT_DIGEST)) {
      BodyDigest.checkContentDigest(fields.single(CONTENT_DIGEST), fields.request().body());
    }
    byte[] base = base(covered, input.group(2), fields).getBytes(StandardCharsets.ISO_8859_1);
    return new Parts(
        List.of(signature.group(2)),
        parameters,
        Optional.of(new SignedContent(List.of(new SignedContent.Piece.Text(base)))));
  }

  private static Map<String, String> parameters(String text) throws Refusal {
    Map<String, String> parameters = new HashMap<>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      boolean quoted = text.charAt(equals + 1) == '"';
      int end = quoted ? text.indexOf('"', equals + 2) + 1 : text.indexOf(';', equals);
      end = end < 0 ? text.length() : end;
      String value = quoted ? text.substring(equals + 2, end - 1) : text.substring(equals + 1, end);
      if (parameters.put(text.substring(at + 1, equals), value) != null) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      at = end;
    }
    return parameters;
  }

  private List<String> covered(String text) throws Refusal {
    List<String> covered = new ArrayList<>();
    for (String item : text.split(" ", 64)) {
      Matcher component = COMPONENT.matcher(item);
      if (!component.matches() || covered.contains(component.group(1))) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      covered.add(component.group(1));
    }
    Set<String> all = new HashSet<>(covered);
    for (Set<String> oneOf : covers) {
      if (oneOf.stream().noneMatch(all::contains)) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
    }
    return covered;
  }

  /** Where the path is to be signed, a query that is there must not be anybody's to change. */
  private boolean leavesQueryOpen(List<String> covered, String path) {
    return path.indexOf('?') >= 0
        && signsPath()
        && covered.stream().noneMatch(WITH_QUERY::contains);
  }

  private boolean signsPath() {
    return covers.stream().anyMatch(oneOf -> oneOf.contains("@path"));
  }

  private String base(List<String> covered, String parameters, RequestFields fields)
      throws Refusal {
    StringBuilder base = new StringBuilder();
    for (String component : covered) {
      base.append('"').append(component).append("\": ");
      base.append(
          component.startsWith("@") ? derived(component, fields) : field(component, fields));
      base.append('\n');
    }
    return base.append("\"@signature-params\": ").append(parameters).toString();
  }

  private String field(String component, RequestFields fields) throws Refusal {
    if (components.stream().noneMatch(header -> header.lowerCase().equals(component))) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    String value = fields.single(component);
    if (value.isEmpty() || !HeaderText.isVisibleOr(value, ' ') || !value.equals(value.strip())) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return value;
  }

  private static String derived(String component, RequestFields fields) throws Refusal {
    SignedRequest request = fields.request();
    String path = RequestFields.visible(request.path());
    int mark = path.indexOf('?');
    return switch (component) {
      case "@method" -> RequestFields.visible(request.method());
      case "@authority" -> fields.authority();
      case "@scheme" -> "https";
      case "@target-uri" -> fields.urls().getFirst();
      case "@request-target" -> path;
      case "@path" -> mark < 0 ? path : path.substring(0, mark);
      case "@query" -> mark < 0 ? "?" : path.substring(mark);
      default -> throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    };
  }

  @Override
  public boolean namesContent() {
    return true;
  }

  @Override
  public boolean coversBody() {
    return covers.contains(Set.of(CONTENT_DIGEST));
  }

  @Override
  public List<ValueSource.HeaderName> otherHeaders() {
    List<ValueSource.HeaderName> all = new ArrayList<>(components);
    all.add(SourceText.header(INPUT_HEADER));
    return all;
  }

  @Override
  public String join(Map<String, String> named, String signature) {
    return "sig1=:" + signature + ":";
  }

  /** The list of what is signed and its parameters, for a message of our own to this path. */
  String parameters(String path, String created, String keyId) {
    List<String> components = new ArrayList<>();
    covers.forEach(oneOf -> components.add(oneOf.stream().sorted().toList().getFirst()));
    if (leavesQueryOpen(components, path)) {
      components.add("@query");
    }
    String list =
        components.stream()
            .map(component -> "\"" + component + "\"")
            .collect(Collectors.joining(" "));
    return "("
        + list
        + ");created="
        + created
        + ";keyid=\""
        + keyId
        + "\";alg=\""
        + algorithm
        + "\"";
  }
}
