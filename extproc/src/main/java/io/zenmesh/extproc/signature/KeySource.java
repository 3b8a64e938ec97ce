package io.zenmesh.extproc.signature;

import java.util.Optional;

/**
 * The port to keys that messages only name: JWKS, certificates. The engine does no I/O; whoever
 * implements this answers from memory at once, fetches behind it, and caches misses too.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>An implementation must have checked what it hands out: for a certificate its chain to a
 * trusted root and its host name, for a key id that the set came from the provider over TLS. A miss
 * makes the engine answer {@link Reason#KEY_UNAVAILABLE}. Thread-safe.
 */
@FunctionalInterface
public interface KeySource {
  /** Knows no key. */
  KeySource NONE = reference -> Optional.empty();

  /** The key, if it is at hand. */
  Optional<RemoteKey> find(KeyReference reference);
}
