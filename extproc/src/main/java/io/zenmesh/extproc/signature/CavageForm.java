package io.zenmesh.extproc.signature;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The drafts before RFC 9421 (draft-cavage-http-signatures-12): {@code keyId="k",headers="...",
 * signature="..."} in {@code Signature}, or in {@code Authorization} after {@code Signature}.
 *
 * @param algorithm the old name of the algorithm; {@code hs2019} is accepted too, as the key
 *     decides
 * @param covers what must be signed: of each set one
 * @param components the headers that may be signed
 */
record CavageForm(
    String algorithm, List<Set<String>> covers, List<ValueSource.HeaderName> components)
    implements SignatureForm {
  private static final String PREFIX = "Signature ";
  private static final Set<String> QUOTED = Set.of("keyId", "algorithm", "headers", "signature");
  private static final Set<String> NUMBERS = Set.of("created", "expires");

  @Override
  public Parts split(String text) {
    throw new IllegalStateException("a message signature is read with its message");
  }

  @Override
  public Parts split(String text, RequestFields fields) throws Refusal {
    boolean prefixed = text.regionMatches(true, 0, PREFIX, 0, PREFIX.length());
    Map<String, String> parameters = parameters(prefixed ? text.substring(PREFIX.length()) : text);
    String claimed = parameters.getOrDefault("algorithm", algorithm);
    if (!claimed.equals(algorithm) && !claimed.equals("hs2019")) {
      throw Refusal.of(Reason.SIGNATURE_VERSION_UNSUPPORTED);
    }
    List<String> covered = covered(parameters.getOrDefault("headers", ""));
    if (covered.contains("digest")) {
      BodyDigest.checkDigest(fields.single("digest"), fields.request().body());
    }
    if (covered.contains("date") && !covered.contains("(created)")) {
      String date = fields.single("date");
      parameters.put("created", Long.toString(TimestampRule.Unit.HTTP_DATE.seconds(date)));
    }
    StringBuilder content = new StringBuilder();
    for (String component : covered) {
      content.append(content.isEmpty() ? "" : "\n").append(component).append(": ");
      content.append(value(component, parameters, fields));
    }
    byte[] signed = content.toString().getBytes(StandardCharsets.ISO_8859_1);
    return new Parts(
        List.of(parameters.getOrDefault("signature", "")),
        parameters,
        Optional.of(new SignedContent(List.of(new SignedContent.Piece.Text(signed)))));
  }

  private static Map<String, String> parameters(String text) throws Refusal {
    if (!HeaderText.isVisibleOr(text, ' ')) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    Map<String, String> parameters = new HashMap<>();
    int at = 0;
    while (at < text.length()) {
      int equals = text.indexOf('=', at);
      if (equals < 0 || equals + 1 >= text.length()) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      String name = text.substring(at, equals);
      boolean quoted = text.charAt(equals + 1) == '"';
      int end = quoted ? text.indexOf('"', equals + 2) : text.indexOf(',', equals);
      if (quoted ? end < 0 || !QUOTED.contains(name) : !NUMBERS.contains(name)) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      int stop = end < 0 ? text.length() : end;
      String value = text.substring(quoted ? equals + 2 : equals + 1, stop);
      if (parameters.put(name, value) != null) {
        throw Refusal.of(Reason.HEADER_DUPLICATED);
      }
      at = quoted ? stop + 1 : stop;
      if (at < text.length() && (text.charAt(at++) != ',' || at == text.length())) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
    }
    return parameters;
  }

  private List<String> covered(String text) throws Refusal {
    List<String> covered = new ArrayList<>(List.of(text.split(" ", 64)));
    Set<String> all = new HashSet<>(covered);
    boolean complete = covers.stream().allMatch(oneOf -> oneOf.stream().anyMatch(all::contains));
    if (all.size() != covered.size() || !complete) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return covered;
  }

  private String value(String component, Map<String, String> parameters, RequestFields fields)
      throws Refusal {
    SignedRequest request = fields.request();
    String value =
        switch (component) {
          case "(request-target)" ->
              RequestFields.visible(request.method()).toLowerCase(Locale.ROOT)
                  + " "
                  + RequestFields.visible(request.path());
          case "(created)" -> parameters.getOrDefault("created", "");
          case "(expires)" -> parameters.getOrDefault("expires", "");
          case "host" -> fields.authority();
          default -> header(component, request);
        };
    if (value.isEmpty() || !HeaderText.isVisibleOr(value, ' ') || !value.equals(value.strip())) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return value;
  }

  private String header(String component, SignedRequest request) throws Refusal {
    if (components.stream().noneMatch(header -> header.lowerCase().equals(component))) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return HeaderText.single(request, component);
  }

  @Override
  public boolean namesContent() {
    return true;
  }

  @Override
  public boolean coversBody() {
    return covers.contains(Set.of("digest"));
  }

  @Override
  public List<ValueSource.HeaderName> otherHeaders() {
    return components;
  }

  @Override
  public String join(Map<String, String> named, String signature) {
    return "signature=\"" + signature + "\"";
  }

  /** Everything before the signature. */
  String unsigned(String created, String keyId) {
    String list =
        covers.stream()
            .map(oneOf -> oneOf.stream().sorted().toList().getFirst())
            .collect(Collectors.joining(" "));
    return "keyId=\""
        + keyId
        + "\",algorithm=\""
        + algorithm
        + "\",created="
        + created
        + ",headers=\""
        + list
        + "\",";
  }
}
