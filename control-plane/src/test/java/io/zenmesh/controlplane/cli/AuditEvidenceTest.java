package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.TestRecord;
import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/** Evidence that was kept, checked offline. */
class AuditEvidenceTest {
  private static final int COVERED = 12;

  @TempDir Path folder;
  private final TestRecord record = TestRecord.of(8, 6, COVERED);

  @BeforeEach
  void keep() throws IOException {
    Files.writeString(folder.resolve("keys"), record.verifierKey() + "\n");
    Files.writeString(folder.resolve("evidence.json"), written(evidence(6)));
  }

  private static String written(RecordView.Evidence evidence) {
    return JsonMapper.builder().build().writeValueAsString(evidence);
  }

  /** The first of globex: of places 8 to 13 of the log the checkpoint covers four. */
  private RecordView.Evidence evidence(int count) {
    List<Hash> hashes = new ArrayList<>();
    record.leaves(0, 14, leaf -> hashes.add(leaf.hash()));
    MerkleLog tree = new MerkleLog((from, to) -> hashes.subList((int) from, (int) to));
    hashes.subList(0, COVERED).forEach(tree::append);
    List<ClaimedEntry> entries = new ArrayList<>();
    record.entries(TestEvents.GLOBEX, 0, count, entries::add);
    List<RecordView.Proved> proved = new ArrayList<>();
    Optional<String> previous = Optional.empty();
    for (ClaimedEntry entry : entries) {
      long position = 7 + entry.seq();
      Optional<RecordView.Proof> proof =
          position < COVERED
              ? Optional.of(
                  new RecordView.Proof(
                      record.lastNote(),
                      COVERED,
                      tree.inclusion(position, COVERED).stream().map(Hash::toString).toList()))
              : Optional.empty();
      proved.add(new RecordView.Proved(shown(entry, position), previous, proof));
      previous = Optional.of(entry.hash().toString());
    }
    return new RecordView.Evidence(
        TestEvents.LOG, "globex", entries.getFirst().correlation(), proved, Optional.empty());
  }

  private static RecordView.Entry shown(ClaimedEntry entry, long position) {
    return new RecordView.Entry(
        entry.seq(),
        entry.timeMicros(),
        entry.actorKind(),
        entry.actorId(),
        entry.action(),
        entry.object(),
        entry.outcome(),
        entry.reason(),
        entry.correlation(),
        entry.hash().toString(),
        Optional.of(position));
  }

  private ZenctlRun check() {
    return ZenctlRun.of(
        folder.resolve("none.yaml"),
        "audit",
        "evidence",
        "--file",
        folder.resolve("evidence.json").toString(),
        "--key",
        folder.resolve("keys").toString());
  }

  @Test
  void keptEvidence_isProvedOffline() {
    ZenctlRun run = check();
    assertThat(run.err())
        .isEqualToIgnoringNewLines(
            "proved: 4 of 6 entries are in the log of a signed checkpoint; the others are younger"
                + " than the newest one");
    assertThat(run.out()).contains("secret/globex/stripe-1", "secret/globex/stripe-6");
    assertThat(run.exitCode()).isEqualTo(4);
  }

  @Test
  void evidenceThatIsCovered_isProved() throws IOException {
    Files.writeString(folder.resolve("evidence.json"), written(evidence(4)));
    ZenctlRun run = check();
    assertThat(run.err()).contains("proved: 4 of 4 entries");
    assertThat(run.exitCode()).isZero();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "secret/globex/stripe-2\" | secret/globex/other\" | entry 2: its content and its hash do not",
        "\"seq\":3 | \"seq\":4 | its content and its hash do not match",
        "\"position\":9 | \"position\":10 | entry 2: its proof does not lead to the checkpoint",
        "\"size\":12 | \"size\":11 | entry 1: its proof does not lead to the checkpoint",
        "\"chain\":\"globex\" | \"chain\":\"acme\" | chain acme entry 1: its content and its hash",
        "\"correlation\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"entries\" |"
            + " \"correlation\":\"other-request\",\"entries\" | entry 1: is of another correlation",
        "\"previous\":null | \"previous\":\"" + ZEROES + "\" | tied to one before the first",
      })
  void A01_evidenceThatWasChanged_isRefusedByName(String from, String to, String said)
      throws IOException {
    Path file = folder.resolve("evidence.json");
    String kept = Files.readString(file);
    String changed = kept.replaceFirst(java.util.regex.Pattern.quote(from), to);
    assertThat(changed).isNotEqualTo(kept);
    Files.writeString(file, changed);
    ZenctlRun run = check();
    assertThat(run.err()).startsWith("wrong: ").contains(said);
    assertThat(run.exitCode()).isEqualTo(3);
  }

  private static final String ZEROES =
      "0000000000000000000000000000000000000000000000000000000000000000";

  @Test
  void A08_entryWithoutProofBeforeOneThatHasIt_isRefused() throws IOException {
    RecordView.Evidence whole = evidence(4);
    List<RecordView.Proved> entries = new ArrayList<>(whole.entries());
    RecordView.Proved second = entries.get(1);
    entries.set(1, new RecordView.Proved(second.entry(), second.previous(), Optional.empty()));
    Files.writeString(
        folder.resolve("evidence.json"),
        written(
            new RecordView.Evidence(
                whole.log(), whole.chain(), whole.correlation(), entries, Optional.empty())));
    ZenctlRun run = check();
    assertThat(run.err()).startsWith("wrong: chain globex entry 2: has no proof, and a later one");
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @Test
  void checkpointOfAnotherKey_provesNothing() throws IOException {
    Files.writeString(folder.resolve("keys"), TestRecord.of(1, 1, 1).verifierKey() + "\n");
    ZenctlRun run = check();
    assertThat(run.err())
        .contains("entry 1: its checkpoint is not signed by a key that is trusted");
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @Test
  void usage_isExplained() {
    for (String[] wrong :
        new String[][] {
          {"audit", "evidence"},
          {"audit", "evidence", "a/../b"},
          {"audit", "evidence", "request-1", "--tenant", "A B"},
          {"audit", "evidence", "--file", "x"},
          {"audit", "evidence", "request-1", "--file", "x"}
        }) {
      ZenctlRun run = ZenctlRun.of(folder.resolve("none.yaml"), wrong);
      assertThat(run.exitCode()).as(String.join(" ", wrong) + run.err()).isEqualTo(2);
    }
  }
}
