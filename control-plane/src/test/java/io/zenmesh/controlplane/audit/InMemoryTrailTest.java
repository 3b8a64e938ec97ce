package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.xds.model.Name;
import java.util.List;

class InMemoryTrailTest extends AuditTrailContract {
  private final InMemoryTrail trail = new InMemoryTrail();

  @Override
  protected AuditTrail trail() {
    return trail;
  }

  @Override
  protected String log() {
    return TestEvents.LOG;
  }

  @Override
  protected List<ClaimedEntry> recorded(Name chain) {
    return trail.entries(chain).stream().map(TestEvents::claimed).toList();
  }
}
