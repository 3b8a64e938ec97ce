package io.zenmesh.extproc.signature;

import java.util.List;

/** Where a value stands in a request. */
sealed interface ValueSource {
  /**
   * A named part of the signature header.
   *
   * @param name the part's name
   */
  record Part(String name) implements ValueSource {}

  /**
   * The first header of a list that the request has.
   *
   * @param names as the provider writes them, most specific first
   */
  record Headers(List<HeaderName> names) implements ValueSource {}

  /**
   * A text, number or truth value in a JSON body.
   *
   * @param path where
   */
  record Json(JsonPath path) implements ValueSource {}

  /**
   * A parameter of the URL's query, percent-decoded.
   *
   * @param name decoded
   */
  record Query(String name) implements ValueSource {}

  /**
   * A header's name.
   *
   * @param shown as the provider writes it
   * @param lowerCase as it comes over the wire
   */
  record HeaderName(String shown, String lowerCase) {}
}
