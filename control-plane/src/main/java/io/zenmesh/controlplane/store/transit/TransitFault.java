package io.zenmesh.controlplane.store.transit;

import io.zenmesh.controlplane.custody.CustodyException;
import java.util.Locale;

/** Why a transit engine gave no good answer. */
enum TransitFault {
  /** Nothing answers there, or not as the server that the roots vouch for. */
  KMS_UNREACHABLE("a server that its roots vouch for"),
  /** No answer in time. */
  KMS_TIMED_OUT("an answer in time"),
  /** The token does not allow it. */
  KMS_DENIED("a token whose policy allows it"),
  /** The server is sealed, overloaded or broken. */
  KMS_UNAVAILABLE("an unsealed server"),
  /** There is no such key, or not one that may be used. */
  KMS_KEY_UNFIT("an AEAD key, not derived, not exportable"),
  /** The server does not bind associated data, so that what it wraps could be moved. */
  KMS_UNBOUND("a server that binds associated_data"),
  /** It answered something else than its documentation says. */
  KMS_ANSWER_UNKNOWN("a transit engine");

  private final String expected;

  TransitFault(String expected) {
    this.expected = expected;
  }

  /** Stable, in snake case. */
  String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  CustodyException at(TransitAddress address, String detail) {
    return new CustodyException(text(address, detail));
  }

  CustodyException at(TransitAddress address, String detail, Throwable cause) {
    return new CustodyException(text(address, detail), cause);
  }

  private String text(TransitAddress address, String detail) {
    return code() + ": " + address + ": " + detail + " (expected: " + expected + ")";
  }
}
