package io.zenmesh.controlplane.audit;

import java.util.List;
import java.util.function.Supplier;

/**
 * A trail that joins what is recorded while a request is answered to the request's id: what is deep
 * below a request need not be handed the id. Only what its own thread records is joined; an event
 * that has an id keeps it. Thread-safe.
 */
public final class CorrelatedTrail implements AuditTrail {
  private static final ScopedValue<String> REQUEST = ScopedValue.newInstance();

  private final AuditTrail trail;

  public CorrelatedTrail(AuditTrail trail) {
    this.trail = trail;
  }

  /** Does work that is a request's. */
  public static <T> T within(String correlation, Supplier<T> work) {
    return ScopedValue.where(REQUEST, correlation).call(work::get);
  }

  @Override
  public void record(List<AuditEvent> events) {
    trail.record(
        REQUEST.isBound() ? events.stream().map(it -> it.under(REQUEST.get())).toList() : events);
  }
}
