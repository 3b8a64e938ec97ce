package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckpointKeeperTest {
  @TempDir Path folder;
  private final Kept store = new Kept();

  /** A log in memory, which somebody may cut off. */
  private static final class Kept implements LogStore {
    private final List<Hash> hashes = new CopyOnWriteArrayList<>();

    @Override
    public int integrate(int most) {
      return 0;
    }

    @Override
    public boolean anyEntry() {
      return !hashes.isEmpty();
    }

    @Override
    public void from(long position, Consumer<Hash> to) {
      hashes.stream().skip(position).forEach(to);
    }

    @Override
    public List<Hash> between(long from, long to) {
      return hashes.stream().skip(from).limit(to - from).toList();
    }
  }

  private CheckpointKeeper keeper(SecretBytes key) {
    return new CheckpointKeeper(
        store,
        new CheckpointFiles(folder),
        CheckpointSigner.of(TestEvents.LOG, key),
        TestEvents.LOG,
        new MerkleLog(store));
  }

  /** Receipts and requests that are under way when the process ends are on record all the same. */
  @Test
  void entriesRecordedAfterTheEnd_areNoFailureOfTheirRecorder() throws IOException {
    TestEvents.chain(TestEvents.ACME, 3).forEach(it -> store.hashes.add(it.hash()));
    RecordingTrail trail = new RecordingTrail();
    List<AuditEvent> many =
        Collections.nCopies(CheckpointKeeper.ENTRIES, TestEvents.event(TestEvents.ACME, 1));
    try (SecretBytes key = TestEvents.seed()) {
      CheckpointKeeper keeper = keeper(key);
      keeper.start();
      keeper.close();
      new CheckpointedTrail(trail, keeper).record(many);
    }
    assertThat(trail.lines()).hasSize(CheckpointKeeper.ENTRIES);
  }

  /** Put back from a backup under a running process: what follows would hide that. */
  @Test
  void F16_A06_logThatGotShorter_isAFault_andNothingMoreIsRecorded() throws IOException {
    RecordingTrail trail = new RecordingTrail();
    NumberedTrail numbers =
        (source, events) -> {
          trail.record(events.stream().map(NumberedTrail.Numbered::event).toList());
          return events.size();
        };
    AuditEvent event = TestEvents.event(TestEvents.ACME, 1);
    List<NumberedTrail.Numbered> numbered = List.of(new NumberedTrail.Numbered(1, event));
    TestEvents.chain(TestEvents.ACME, 3).forEach(it -> store.hashes.add(it.hash()));
    try (SecretBytes key = TestEvents.seed();
        CheckpointKeeper keeper = keeper(key)) {
      keeper.start();
      CheckpointedTrail checkpointed = new CheckpointedTrail(trail, keeper);
      CheckpointedNumbers receipts = new CheckpointedNumbers(numbers, keeper);
      checkpointed.record(List.of(event));
      assertThat(receipts.record("node", numbered)).isOne();
      assertThat(trail.lines()).hasSize(2);

      store.hashes.removeLast();
      keeper.checkpoint();

      assertThat(keeper.fault()).hasValue("the database holds less than its checkpoint covers");
      assertThatThrownBy(() -> checkpointed.record(List.of(event)))
          .isInstanceOf(AuditUnavailableException.class);
      assertThatThrownBy(() -> receipts.record("node", numbered))
          .isInstanceOf(AuditUnavailableException.class);
      assertThat(trail.lines()).hasSize(2);
    }
  }
}
