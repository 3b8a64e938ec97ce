package io.zenmesh.controlplane.audit;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Keeps events in memory; refuses them when it is told to. */
public final class RecordingTrail implements AuditTrail {
  private final List<AuditEvent> events = new CopyOnWriteArrayList<>();
  private volatile boolean away;

  @Override
  public void record(List<AuditEvent> more) {
    if (away) {
      throw new AuditUnavailableException("audit: away", new SQLException("away"));
    }
    events.addAll(more);
  }

  public void away(boolean now) {
    away = now;
  }

  /** Each as {@code chain action object outcome reason}, in order. */
  public List<String> lines() {
    return events.stream()
        .map(it ->
            String.join(
                    " ",
                    it.chain().value(),
                    it.action(),
                    it.object(),
                    it.outcome().name(),
                    it.reason())
                .strip())
        .toList();
  }

  public void clear() {
    events.clear();
  }
}
