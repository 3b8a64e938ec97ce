package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A request and its claim as the fields of a content template.
 *
 * @param url one spelling of the sender's URL
 */
record RequestValues(Scheme scheme, Claim claim, RequestFields fields, String url)
    implements ContentTemplate.Values {
  private static final String FORM = "application/x-www-form-urlencoded";

  @Override
  public String text(ContentTemplate.Field field) throws Refusal {
    SignedRequest request = fields.request();
    return switch (field) {
      case METHOD -> RequestFields.visible(request.method());
      case AUTHORITY -> fields.authority();
      case PATH -> RequestFields.visible(request.path());
      case URL -> url;
      case TIMESTAMP -> claim.timestamp();
      case ID -> claim.id();
      case NONCE -> claim.nonce();
      case FORM_PAIRS -> formPairs();
      case LISTED_HEADERS -> listedHeaders();
      case BODY, BODY_SHA256, BODY_CRC32, SECRET ->
          throw new IllegalArgumentException(field + " is not text");
    };
  }

  @Override
  public Optional<String> from(ValueSource source) throws Refusal {
    return source instanceof ValueSource.Part(String name)
        ? Optional.ofNullable(claim.named().get(name))
        : fields.text(source, Reason.SIGNATURE_MALFORMED);
  }

  @Override
  public ByteBuffer body() {
    return fields.request().body();
  }

  /** A body that is not a form is covered by its hash, or by nothing, and then refused. */
  private String formPairs() throws Refusal {
    if (scheme.bodyHash().isPresent() && from(scheme.bodyHash().get().source()).isPresent()) {
      return "";
    }
    ByteBuffer body = body();
    String type = fields.single("content-type").toLowerCase(Locale.ROOT);
    if (body.hasRemaining() && !type.equals(FORM) && !type.startsWith(FORM + ";")) {
      throw Refusal.of(Reason.BODY_MALFORMED);
    }
    return FormText.sortedPairs(body);
  }

  /** Only headers that the scheme names may be listed. */
  private String listedHeaders() throws Refusal {
    String listed = claim.named().getOrDefault("h", "");
    StringBuilder values = new StringBuilder();
    List<String> names = listed.isEmpty() ? List.of() : List.of(listed.split(" ", -1));
    for (String name : names) {
      String value = fields.single(name);
      if (!scheme.listedHeaders().contains(name)
          || value.isEmpty()
          || !HeaderText.isVisibleOr(value, ' ')) {
        throw Refusal.of(Reason.SIGNATURE_MALFORMED);
      }
      values.append(values.isEmpty() ? "" : ".").append(value);
    }
    return values.toString();
  }
}
