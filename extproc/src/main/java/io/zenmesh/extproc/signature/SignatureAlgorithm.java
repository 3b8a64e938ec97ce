package io.zenmesh.extproc.signature;

/** What proves that a sender holds the key. */
enum SignatureAlgorithm {
  /** HMAC with SHA-256 over the signed content (RFC 2104, FIPS 180-4). */
  HMAC_SHA256(32),
  /** The sender shows the secret itself; no content is signed. */
  TOKEN_EQUALS(0);

  private final int tagLength;

  SignatureAlgorithm(int tagLength) {
    this.tagLength = tagLength;
  }

  /** Bytes of one signature; 0 when it may have any length. */
  int tagLength() {
    return tagLength;
  }
}
