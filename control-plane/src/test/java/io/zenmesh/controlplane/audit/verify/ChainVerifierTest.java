package io.zenmesh.controlplane.audit.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.TestEvents;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The verifier's own statement of the format against what the writer wrote. */
class ChainVerifierTest {
  private static final int LENGTH = 200;

  private List<ClaimedEntry> chain = List.of();

  @BeforeEach
  void write() {
    chain =
        new ArrayList<>(
            TestEvents.chain(TestEvents.ACME, LENGTH).stream().map(TestEvents::claimed).toList());
  }

  private Optional<Fault> verify() {
    ChainVerifier verifier = ChainVerifier.fromGenesis(TestEvents.LOG, "acme");
    return chain.stream().map(verifier::check).flatMap(Optional::stream).findFirst();
  }

  private static ClaimedEntry with(ClaimedEntry it, long seq, long time, String object, Hash hash) {
    return new ClaimedEntry(
        it.chain(),
        seq,
        time,
        it.actorKind(),
        it.actorId(),
        it.action(),
        object,
        it.outcome(),
        it.reason(),
        it.correlation(),
        hash);
  }

  private void expectFaultAt(long seq) {
    assertThat(verify())
        .hasValueSatisfying(fault ->
            assertThat(fault)
                .isInstanceOfSatisfying(
                    Fault.AtEntry.class,
                    it -> {
                      assertThat(it.chain()).isEqualTo("acme");
                      assertThat(it.seq()).isEqualTo(seq);
                    }));
  }

  @Test
  void whatTheWriterWrote_isGood() {
    assertThat(verify()).isEmpty();
    ChainVerifier later = ChainVerifier.after("acme", 100, chain.get(99).hash());
    assertThat(chain.subList(100, LENGTH).stream().map(later::check)).allMatch(Optional::isEmpty);
    assertThat(later.seq()).isEqualTo(LENGTH);
    assertThat(later.head()).isEqualTo(chain.getLast().hash());
  }

  @Test
  void A01_changedText_isFoundAtItsPlace() {
    ClaimedEntry it = chain.get(41);
    chain.set(41, with(it, it.seq(), it.timeMicros(), it.object() + "x", it.hash()));
    expectFaultAt(42);
  }

  @Test
  void A02_missingEntry_isFoundAtItsPlace() {
    chain.remove(41);
    expectFaultAt(42);
  }

  @Test
  void A03_swappedEntries_areFoundAtTheFirst() {
    Collections.swap(chain, 41, 42);
    expectFaultAt(42);
  }

  @Test
  void A08_backDatedEntry_isFoundAtItsPlace() {
    ClaimedEntry it = chain.get(41);
    chain.set(41, with(it, it.seq(), it.timeMicros() - 1_000, it.object(), it.hash()));
    expectFaultAt(42);
  }

  @Test
  void A09_flippedBitOfAHash_isFoundAtItsPlace() {
    ClaimedEntry it = chain.get(41);
    byte[] hash = it.hash().bytes();
    hash[31] ^= 1;
    chain.set(41, with(it, it.seq(), it.timeMicros(), it.object(), Hash.of(hash)));
    expectFaultAt(42);
  }

  @Test
  void A10_sameSequenceTwice_isFoundAtTheSecond() {
    chain.add(42, chain.get(41));
    expectFaultAt(43);
  }

  @Test
  void A11_chainOfAnotherLogOrTenant_isFoundAtTheFirst() {
    assertThat(ChainVerifier.fromGenesis("other", "acme").check(chain.getFirst()))
        .contains(
            new Fault.AtEntry(
                "acme",
                1,
                "its content and its hash do not match, or it is not tied to the one before"));
    assertThat(ChainVerifier.fromGenesis(TestEvents.LOG, "globex").check(chain.getFirst()))
        .hasToString("Optional[chain globex entry 1: belongs to another chain]");
  }

  @Test
  void afterTheFirstFault_nothingMoreIsSaid() {
    chain.remove(41);
    chain.remove(50);
    ChainVerifier verifier = ChainVerifier.fromGenesis(TestEvents.LOG, "acme");
    assertThat(chain.stream().map(verifier::check).flatMap(Optional::stream)).hasSize(1);
  }
}
