package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.verify.ChainVerifier;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.xds.model.Name;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What every trail must do, the fake too. */
public abstract class AuditTrailContract {
  /** The trail under test, on an empty record. */
  protected abstract AuditTrail trail();

  /** The id of its log. */
  protected abstract String log();

  /** What is on record in a chain, in order. */
  protected abstract List<ClaimedEntry> recorded(Name chain);

  protected final void assertValid(Name chain, int length) {
    ChainVerifier verifier = ChainVerifier.fromGenesis(log(), chain.value());
    List<ClaimedEntry> entries = recorded(chain);
    assertThat(entries).hasSize(length);
    assertThat(entries.stream().map(verifier::check)).allMatch(Optional::isEmpty);
  }

  @Test
  void recordedEvents_areOnTheirChainsInOrder() {
    trail()
        .record(
            List.of(
                TestEvents.event(TestEvents.ACME, 1),
                TestEvents.event(TestEvents.GLOBEX, 1),
                TestEvents.event(TestEvents.ACME, 2)));
    trail().record(TestEvents.event(TestEvents.ACME, 3));
    assertThat(recorded(TestEvents.ACME).stream().map(ClaimedEntry::object))
        .containsExactly("secret/acme/stripe-1", "secret/acme/stripe-2", "secret/acme/stripe-3");
    assertValid(TestEvents.ACME, 3);
    assertValid(TestEvents.GLOBEX, 1);
  }

  @Test
  void everyField_isRecordedAsGiven() {
    AuditEvent event =
        new AuditEvent(
            TestEvents.ACME,
            new Actor(Actor.Kind.UNKNOWN, "\u00e9 \ud83d\ude00 {\"},\\ NULL"),
            "api.authenticate",
            "token/zent_1",
            AuditEvent.Outcome.DENIED,
            "token_expired",
            "{a,b}");
    trail().record(event);
    ClaimedEntry entry = recorded(TestEvents.ACME).getFirst();
    assertThat(entry.actorKind()).isEqualTo("unknown");
    assertThat(entry.actorId()).isEqualTo(event.actor().id());
    assertThat(entry.action()).isEqualTo(event.action());
    assertThat(entry.object()).isEqualTo(event.object());
    assertThat(entry.outcome()).isEqualTo("denied");
    assertThat(entry.reason()).isEqualTo(event.reason());
    assertThat(entry.correlation()).isEqualTo(event.correlation());
    assertValid(TestEvents.ACME, 1);
  }

  @Test
  void eventsOfManyThreads_makeOneChain() {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      IntStream.rangeClosed(1, 200)
          .forEach(
              i -> threads.execute(() -> trail().record(TestEvents.event(TestEvents.ACME, i))));
    }
    assertValid(TestEvents.ACME, 200);
    assertThat(recorded(TestEvents.ACME).stream().map(ClaimedEntry::object).distinct())
        .hasSize(200);
  }

  @Test
  void noEvents_areNoEntry() {
    trail().record(List.of());
    assertThat(recorded(TestEvents.ACME)).isEmpty();
  }

  @Test
  void moreThanABatch_isRefused() {
    List<AuditEvent> events =
        Collections.nCopies(GroupCommitTrail.MAX_BATCH + 1, TestEvents.event(TestEvents.ACME, 1));
    assertThatThrownBy(() -> trail().record(events))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("events: 4097 (expected: at most 4096)");
    assertThat(recorded(TestEvents.ACME)).isEmpty();
  }
}
