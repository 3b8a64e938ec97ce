package io.zenmesh.controlplane.tenant;

import java.util.function.Supplier;

/**
 * Tells whether work on tenants' rows may have changed any: the store says so before it commits
 * what was written. For one piece of work; only what its own thread does is seen.
 */
public final class CommitWatch {
  private static final ScopedValue<CommitWatch> CURRENT = ScopedValue.newInstance();

  private boolean changed;

  /** Watches work to its end, whether it returns or fails. */
  public <T> T over(Supplier<T> work) {
    return ScopedValue.where(CURRENT, this).call(work::get);
  }

  /**
   * Whether a change was committed, or was about to be: a commit that failed may have arrived all
   * the same.
   */
  public boolean changed() {
    return changed;
  }

  /** Whether anybody wants to know: what was written need not be asked for otherwise. */
  public static boolean watched() {
    return CURRENT.isBound();
  }

  /** The store's word that it commits a change now. */
  public static void committing() {
    if (CURRENT.isBound()) {
      CURRENT.get().changed = true;
    }
  }
}
