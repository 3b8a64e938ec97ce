package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Puts events into the log, for as long as there is no chain to put them on. Thread-safe. */
final class LoggedTrail implements AuditTrail {
  private static final Logger LOG = LoggerFactory.getLogger("audit");

  @Override
  public void record(List<AuditEvent> events) {
    events.forEach(event -> LOG.info("{}", event));
  }
}
