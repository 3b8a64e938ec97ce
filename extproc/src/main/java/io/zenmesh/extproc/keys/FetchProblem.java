package io.zenmesh.extproc.keys;

import java.util.Locale;

/** Why a fetch brought nothing: a closed set, fit for a metric's label. */
public enum FetchProblem {
  /** The name leads to an address that must not be connected to. */
  ADDRESS_DENIED,
  /** No such name, no connection, or one that broke. */
  UNREACHABLE,
  /** No TLS with a server that proves the name. */
  TLS,
  /** It took longer than {@link HttpsFetcher#DEADLINE}. */
  TIMEOUT,
  /** Another status than 200; redirects are not followed. */
  STATUS,
  /** Larger than {@value HttpsFetcher#MOST_BYTES} bytes. */
  TOO_LARGE,
  /** Not what it should be. */
  MALFORMED,
  /** A certificate without a chain to a trusted root, out of date, or of another name. */
  UNTRUSTED;

  /** As a label's value. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }
}
