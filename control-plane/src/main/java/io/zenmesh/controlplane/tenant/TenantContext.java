package io.zenmesh.controlplane.tenant;

import io.zenmesh.xds.model.Name;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * For which tenant the current thread works: the application's wall, in front of the database's.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Bound for the length of a call and never left behind on a thread. Within work for one tenant,
 * work for another cannot begin.
 */
public final class TenantContext {
  private static final ScopedValue<Name> CURRENT = ScopedValue.newInstance();

  private TenantContext() {}

  /**
   * Runs work for {@code tenant}.
   *
   * @throws IllegalStateException within work for another tenant
   */
  public static <T> T within(Name tenant, Supplier<T> work) {
    if (CURRENT.isBound() && !CURRENT.get().equals(tenant)) {
      throw new IllegalStateException(
          "tenant context: " + CURRENT.get() + " (expected: none, to enter " + tenant + ")");
    }
    return ScopedValue.where(CURRENT, tenant).call(work::get);
  }

  /** For whom work is under way; empty outside of any. */
  public static Optional<Name> current() {
    return CURRENT.isBound() ? Optional.of(CURRENT.get()) : Optional.empty();
  }

  /**
   * For whom work is under way.
   *
   * @throws IllegalStateException outside of any
   */
  public static Name required() {
    return current()
        .orElseThrow(() -> new IllegalStateException("tenant context: none (expected: a tenant)"));
  }
}
