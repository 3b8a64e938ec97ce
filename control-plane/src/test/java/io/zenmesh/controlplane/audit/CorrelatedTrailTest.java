package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorrelatedTrailTest {
  private final List<AuditEvent> recorded = new ArrayList<>();
  private final AuditTrail trail = new CorrelatedTrail(recorded::addAll);

  private static AuditEvent event(String correlation) {
    return new AuditEvent(
        TestEvents.ACME,
        Actor.system("test"),
        "secret.put",
        "secret/acme/x",
        AuditEvent.Outcome.DONE,
        "",
        correlation);
  }

  @Test
  void whatIsRecordedWithinARequest_bearsItsId_unlessItHasOne() {
    trail.record(event(""));
    boolean done =
        CorrelatedTrail.within(
            "request-1",
            () -> {
              trail.record(List.of(event(""), event("request-0")));
              return true;
            });
    trail.record(event(""));
    assertThat(done).isTrue();
    assertThat(recorded)
        .extracting(AuditEvent::correlation)
        .containsExactly("", "request-1", "request-0", "");
  }
}
