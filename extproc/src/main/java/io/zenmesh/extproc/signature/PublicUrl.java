package io.zenmesh.extproc.signature;

/**
 * The URL under which senders know an endpoint.
 *
 * @param text as configured
 * @param authority its host and port in the one form that is signed
 */
record PublicUrl(String text, String authority) {
  /**
   * Reads a URL.
   *
   * @throws IllegalArgumentException when it is none, see {@link Authority#ofPublicUrl}
   */
  static PublicUrl of(String text) {
    return new PublicUrl(text, Authority.ofPublicUrl(text));
  }
}
