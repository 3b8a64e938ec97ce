package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.List;

/** A trail in memory for tests of what records; can be told to fail. Thread-safe. */
public final class InMemoryTrail implements AuditTrail {
  private final List<AuditEntry> entries = new ArrayList<>();
  private boolean unavailable;

  @Override
  public synchronized void record(List<AuditEvent> events) {
    if (events.size() > GroupCommitTrail.MAX_BATCH) {
      throw new IllegalArgumentException(
          "events: " + events.size() + " (expected: at most " + GroupCommitTrail.MAX_BATCH + ")");
    }
    if (unavailable) {
      throw new AuditUnavailableException("audit: told to fail", new IllegalStateException());
    }
    for (AuditEvent event : events) {
      ChainHead head = ChainHead.empty(TestEvents.LOG, event.chain());
      for (AuditEntry entry : entries(event.chain())) {
        head = head.after(entry);
      }
      entries.add(head.next(event, entries.size()));
    }
  }

  /** From now on every call fails, or none does. */
  public synchronized void unavailable(boolean fails) {
    unavailable = fails;
  }

  /** Everything recorded, in order. */
  public synchronized List<AuditEvent> events() {
    return entries.stream().map(AuditEntry::event).toList();
  }

  synchronized List<AuditEntry> entries(Name chain) {
    return entries.stream().filter(it -> it.event().chain().equals(chain)).toList();
  }
}
