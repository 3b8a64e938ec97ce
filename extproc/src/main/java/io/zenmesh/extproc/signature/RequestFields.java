package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A request and what a scheme reads of it; each header is looked up and the body parsed at most
 * once. Not thread-safe.
 */
final class RequestFields {
  private final SignedRequest request;
  private final Scheme scheme;
  private final Optional<PublicUrl> publicUrl;
  private final @Nullable String[] headers;
  private Optional<Map<JsonPath, String>> json = Optional.empty();

  RequestFields(SignedRequest request, Scheme scheme, Optional<PublicUrl> publicUrl) {
    this.request = request;
    this.scheme = scheme;
    this.publicUrl = publicUrl;
    this.headers = new String[scheme.headerNames().length];
  }

  SignedRequest request() {
    return request;
  }

  /**
   * Looks every header of the scheme up.
   *
   * @throws Refusal {@link Reason#HEADER_DUPLICATED} when one has two fields
   */
  void readHeaders() throws Refusal {
    String[] names = scheme.headerNames();
    for (int i = 0; i < names.length; i++) {
      if (headers[i] == null) {
        headers[i] = HeaderText.single(request, names[i]);
      }
    }
  }

  /**
   * The one value of a header; empty text when the header is absent or empty.
   *
   * @throws Refusal {@link Reason#HEADER_DUPLICATED} when there are two fields
   */
  String single(String lowerCaseName) throws Refusal {
    String[] names = scheme.headerNames();
    for (int i = 0; i < names.length; i++) {
      String value = headers[i];
      if (value != null && names[i].equals(lowerCaseName)) {
        return value;
      }
    }
    return HeaderText.single(request, lowerCaseName);
  }

  /** Every spelling of the URL that the sender may have signed. */
  List<String> urls() throws Refusal {
    return scheme
        .url()
        .spellings(
            publicUrl.map(PublicUrl::text), visible(request.authority()), visible(request.path()));
  }

  /** The host and port that the sender signed. */
  String authority() throws Refusal {
    return publicUrl.isPresent()
        ? publicUrl.get().authority()
        : Authority.ofRequest(visible(request.authority()));
  }

  /** A value of the body; empty when it is absent. */
  Optional<String> json(JsonPath path) throws Refusal {
    if (json.isEmpty()) {
      json = Optional.of(JsonFields.read(request.body(), scheme.jsonPaths()));
    }
    return Optional.ofNullable(json.get().get(path));
  }

  /** The query parameter of this name; empty when it is absent. */
  Optional<String> query(String name) throws Refusal {
    int mark = request.path().indexOf('?');
    return mark < 0
        ? Optional.empty()
        : FormText.parameter(request.path().substring(mark + 1), name);
  }

  /** A value outside the signature header; empty when it is absent, or empty text. */
  Optional<String> text(ValueSource source, Reason malformed) throws Refusal {
    Optional<String> text =
        switch (source) {
          case ValueSource.Headers(var names) -> Optional.of(header(names, malformed));
          case ValueSource.Json(JsonPath path) -> json(path);
          case ValueSource.Query(String name) -> query(name);
          case ValueSource.Part(String name) ->
              throw new IllegalStateException(name + ": a part stands in the signature header");
        };
    return text.filter(value -> !value.isEmpty());
  }

  /** Whether the condition of a scheme holds. */
  boolean holds(Condition condition) throws Refusal {
    Optional<String> text = text(condition.source(), Reason.SIGNATURE_MALFORMED);
    return text.isPresent()
        && (condition.equal().isEmpty() || condition.equal().get().equals(text.get()));
  }

  /** The first header that has a value; every one of them must be one visible value. */
  private String header(List<ValueSource.HeaderName> names, Reason malformed) throws Refusal {
    String first = "";
    for (ValueSource.HeaderName header : names) {
      String text = single(header.lowerCase());
      boolean visible = HeaderText.isVisible(text);
      if (!visible && !HeaderText.isVisibleOr(text, ' ')) {
        throw Refusal.of(malformed);
      }
      if (text.indexOf(',') >= 0) {
        throw Refusal.of(Reason.HEADER_DUPLICATED);
      }
      if (!visible) {
        throw Refusal.of(malformed);
      }
      if (first.isEmpty()) {
        first = text;
      }
    }
    return first;
  }

  static String visible(String text) throws Refusal {
    if (text.isEmpty() || !HeaderText.isVisible(text)) {
      throw Refusal.of(Reason.SIGNATURE_MALFORMED);
    }
    return text;
  }
}
