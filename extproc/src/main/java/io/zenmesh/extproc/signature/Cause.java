package io.zenmesh.extproc.signature;

/**
 * A likely reason why a request was refused. For the tenant's eyes: it names what would have
 * matched, never a signature and never a secret.
 *
 * @param kind what is wrong
 * @param text for people, one sentence without a full stop
 */
public record Cause(Kind kind, String text) {
  /** What can be wrong, best known first. */
  public enum Kind {
    /** The right secret, outside its validity: the previous one, or one that is not live yet. */
    SECRET_OUTSIDE_VALIDITY,
    /** The right signature at the wrong time: delivered late, or clocks that differ. */
    CLOCK,
    /** Seconds where milliseconds are due, or the reverse. */
    TIMESTAMP_UNIT,
    /** A line end was lost or added at the end of the body. */
    BODY_LINE_END,
    /** The body was parsed and written again between sender and endpoint. */
    BODY_RESERIALISED,
    /** The secret was decoded, or not decoded, other than the provider does. */
    SECRET_FORM,
    /** The signature is written in another encoding. */
    SIGNATURE_ENCODING,
    /** Another hash function. */
    ALGORITHM,
    /** The sender signed another URL than the endpoint's public one. */
    URL,
    /** The message is right for another scheme. */
    OTHER_SCHEME,
    /** A header is absent, twice, or not of its grammar. */
    HEADER,
    /** Nothing that was tried matches: the secret is another one, or the body another. */
    WRONG_SECRET_OR_BODY
  }
}
