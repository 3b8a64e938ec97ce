package io.zenmesh.extproc.signature;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/** How one provider signs: a catalogue entry, parsed and checked. Immutable, thread-safe. */
public final class Scheme {
  Scheme() {}

  /** The catalogue name, such as {@code stripe}. */
  public String name() {
    throw new UnsupportedOperationException();
  }

  /** The provider's name for people. */
  public String title() {
    throw new UnsupportedOperationException();
  }

  /** Whether the scheme is weaker than an HMAC-SHA-256 over body and time. */
  public boolean weak() {
    throw new UnsupportedOperationException();
  }

  /** How far a signed timestamp may lie from now; empty for schemes that sign none. */
  public Optional<Duration> tolerance() {
    throw new UnsupportedOperationException();
  }

  /** How the scheme recognises a message it has seen. */
  public ReplayRule replay() {
    throw new UnsupportedOperationException();
  }

  /** The request headers the scheme reads, lower case; no other is ever asked for. */
  public Set<String> headers() {
    throw new UnsupportedOperationException();
  }
}
