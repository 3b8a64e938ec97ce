package io.zenmesh.extproc.signature;

import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What proves that a sender holds the key. */
enum SignatureAlgorithm {
  /** HMAC over the signed content (RFC 2104). SHA-1 is weak as a hash, and labelled so. */
  HMAC_SHA1(Kind.MAC, "HmacSHA1", 20),
  HMAC_SHA256(Kind.MAC, "HmacSHA256", 32),
  HMAC_SHA384(Kind.MAC, "HmacSHA384", 48),
  HMAC_SHA512(Kind.MAC, "HmacSHA512", 64),
  /** SHA-256 over content that holds the secret. */
  SHA256(Kind.HASH, "SHA-256", 32),
  /** The sender shows the secret itself; no content is signed. */
  TOKEN_EQUALS(Kind.TOKEN, "", 0),
  /** RFC 8032; canonical S, no key of small order. */
  ED25519(Kind.PUBLIC, "Ed25519", 64),
  /** ECDSA over P-256 with SHA-256, signatures in strict DER. */
  ECDSA_P256_SHA256(Kind.PUBLIC, "SHA256withECDSA", 0),
  /** The same with signatures as r and s of 32 bytes each (RFC 7518, RFC 9421). */
  ECDSA_P256_SHA256_RAW(Kind.PUBLIC, "SHA256withECDSAinP1363Format", 64),
  RSA_SHA1(Kind.PUBLIC, "SHA1withRSA", 0),
  RSA_SHA256(Kind.PUBLIC, "SHA256withRSA", 0),
  /** RSASSA-PSS with SHA-512, MGF1 with SHA-512 and 64 bytes of salt (RFC 9421 section 3.3.1). */
  RSA_PSS_SHA512(Kind.PUBLIC, "RSASSA-PSS", 0);

  /** What a verifier does with the key. */
  enum Kind {
    MAC,
    HASH,
    TOKEN,
    PUBLIC
  }

  static final Map<String, SignatureAlgorithm> WORDS =
      Stream.of(values())
          .collect(Collectors.toUnmodifiableMap(SignatureAlgorithm::shown, Function.identity()));

  private final Kind kind;
  private final String platformName;
  private final int tagLength;

  SignatureAlgorithm(Kind kind, String platformName, int tagLength) {
    this.kind = kind;
    this.platformName = platformName;
    this.tagLength = tagLength;
  }

  Kind kind() {
    return kind;
  }

  /** The algorithm's name in the Java platform. */
  String platformName() {
    return platformName;
  }

  /** Bytes of one signature; 0 when it may have any length. */
  int tagLength() {
    return tagLength;
  }

  /** Whether a signature is in the one form that it may have. */
  boolean accepts(byte[] tag) {
    return this != ECDSA_P256_SHA256 || StrictDer.isTwoIntegers(tag);
  }

  /** Whether the hash is no longer collision resistant. */
  boolean isOutdated() {
    return this == HMAC_SHA1 || this == RSA_SHA1;
  }

  /** As scheme documents write it. */
  String shown() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}
