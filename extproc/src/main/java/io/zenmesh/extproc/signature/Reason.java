package io.zenmesh.extproc.signature;

import java.util.Locale;

/**
 * Why a request was refused: the closed list, with the HTTP status and the code the caller sees.
 *
 * <p>The {@link #code()} goes to logs, metrics, audit and explain. The caller learns {@link
 * #outwardCode()}: everything that would help in guessing a signature collapses to {@code
 * signature_invalid}.
 */
public enum Reason {
  SIGNATURE_MALFORMED(400),
  HEADER_DUPLICATED(400),
  TIMESTAMP_MALFORMED(400),
  BODY_MALFORMED(400),
  SIGNATURE_MISSING(401),
  SIGNATURE_MISMATCH(401),
  SIGNATURE_VERSION_UNSUPPORTED(401),
  TIMESTAMP_MISSING(401),
  TIMESTAMP_TOO_OLD(401),
  TIMESTAMP_IN_FUTURE(401),
  KEY_OUTSIDE_VALIDITY(401),
  CLIENT_CERTIFICATE_REQUIRED(403),
  ENDPOINT_UNKNOWN(404),
  REPLAYED(409),
  BODY_TOO_LARGE(413),
  RATE_LIMITED(429),
  HEADERS_TOO_LARGE(431),
  KEY_UNAVAILABLE(503),
  POLICY_NOT_LOADED(503),
  STORE_UNAVAILABLE(503),
  IN_FLIGHT(503),
  RECEIPT_UNAVAILABLE(503);

  private static final int UNAUTHORIZED = 401;

  private final int status;
  private final String code;

  Reason(int status) {
    this.status = status;
    this.code = name().toLowerCase(Locale.ROOT);
  }

  /** The HTTP status of the refusal. */
  public int status() {
    return status;
  }

  /** The stable code, such as {@code timestamp_too_old}. */
  public String code() {
    return code;
  }

  /** The code the caller sees. */
  public String outwardCode() {
    return status == UNAUTHORIZED ? "signature_invalid" : code;
  }
}
