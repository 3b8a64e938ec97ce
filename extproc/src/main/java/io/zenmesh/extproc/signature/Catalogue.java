package io.zenmesh.extproc.signature;

import java.util.Collection;
import java.util.Optional;

/** The schemes that ship with the product, by name. Immutable, thread-safe. */
public final class Catalogue {
  Catalogue() {}

  /** The catalogue in this jar; parsed at the first call, then shared. */
  public static Catalogue bundled() {
    throw new UnsupportedOperationException();
  }

  /** The scheme of this name. */
  public Optional<Scheme> find(String name) {
    throw new UnsupportedOperationException();
  }

  /** All schemes, by name. */
  public Collection<Scheme> schemes() {
    throw new UnsupportedOperationException();
  }
}
