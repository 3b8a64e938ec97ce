package io.zenmesh.controlplane.store.kms;

import io.zenmesh.controlplane.custody.CustodyException;
import java.util.Locale;

/** Why a key management service gave no good answer. The codes are stable, in snake case. */
public enum KmsFault {
  /** Nothing answers there, or not a server that the roots vouch for. */
  KMS_UNREACHABLE,
  /** No answer in time. */
  KMS_TIMED_OUT,
  /** Who asks is not known there, or it is not allowed to. */
  KMS_DENIED,
  /** The service is sealed, overloaded or broken. */
  KMS_UNAVAILABLE,
  /** There is no such key, or not one that may be used. */
  KMS_KEY_UNFIT,
  /** The service does not bind associated data, so that what it wraps could be moved. */
  KMS_UNBOUND,
  /** It answered something else than its documentation says. */
  KMS_ANSWER_UNKNOWN;

  /**
   * As custody tells it.
   *
   * @param detail what was seen; no secret, and no text of the service's own
   */
  public CustodyException at(KmsPlace place, String detail) {
    return new CustodyException(text(place, detail));
  }

  /** As custody tells it, with what was thrown. */
  public CustodyException at(KmsPlace place, String detail, Throwable cause) {
    return new CustodyException(text(place, detail), cause);
  }

  private String text(KmsPlace place, String detail) {
    return name().toLowerCase(Locale.ROOT)
        + ": "
        + place
        + ": "
        + detail
        + " (expected: "
        + place.expected(this)
        + ")";
  }
}
