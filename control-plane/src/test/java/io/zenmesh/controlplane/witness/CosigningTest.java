package io.zenmesh.controlplane.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.RecordingTrail;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.slf4j.LoggerFactory;

class CosigningTest extends WitnessFixture {
  private final List<AuditEvent> recorded = new ArrayList<>();
  private final Logger logger = (Logger) LoggerFactory.getLogger(Cosigning.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

  /** A record as it was at one size. */
  private record At(GrowingLog log, long size, String key) implements Checkpoints {
    @Override
    public Optional<String> newest() {
      return Optional.of(log.note(size));
    }

    @Override
    public String verifierKey() {
      return key;
    }

    @Override
    public List<String> verifierKeys() {
      return List.of(key);
    }

    @Override
    public Optional<Proof> inclusion(long position) {
      return Optional.empty();
    }

    @Override
    public Optional<Proof> consistency(long from) {
      return from > size
          ? Optional.empty()
          : Optional.of(new Proof(log.note(size), size, log.proof(from, size)));
    }
  }

  private Cosigning cosigning(GrowingLog with, long size) {
    return cosigning(with, size, recorded::addAll);
  }

  private Cosigning cosigning(GrowingLog with, long size, AuditTrail trail) {
    return new Cosigning(
        new At(with, size, signer.verifierKey()),
        new WitnessClient(URI.create("http://127.0.0.1:" + port()), Optional.empty()),
        witnessKey,
        folder.resolve("audit"),
        trail);
  }

  /** A control plane that starts with a record of this size. */
  private void starts(GrowingLog with, long size) {
    try (Cosigning cosigning = cosigning(with, size)) {
      cosigning.attempt();
      cosigning.attempt();
    }
  }

  private static Map<Cosigning.Outcome, Long> asked(Cosigning cosigning) {
    Map<Cosigning.Outcome, Long> counts = new EnumMap<>(Cosigning.Outcome.class);
    for (Cosigning.Outcome outcome : Cosigning.Outcome.values()) {
      if (cosigning.asked(outcome) > 0) {
        counts.put(outcome, cosigning.asked(outcome));
      }
    }
    return counts;
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private List<String> logged() {
    return lines.list.stream().map(it -> it.getLevel() + " " + it.getFormattedMessage()).toList();
  }

  private long cosigned() throws IOException {
    SignedCheckpoint kept =
        SignedCheckpoint.parse(Files.readString(folder.resolve("audit").resolve("cosigned")));
    assertThat(witnessKey.cosigned(kept)).hasValue(NOW);
    return kept.size();
  }

  @Test
  void growth_isCosigned_acrossRestarts() throws IOException {
    for (long size : new long[] {1, 100, 100, 300}) {
      starts(log, size);
      assertThat(cosigned()).isEqualTo(size);
    }
    assertThat(recorded).isEmpty();
  }

  @Test
  void A17_databaseAndFolderPutBackTogether_isAnAlarm_once() throws IOException {
    starts(log, 200);
    starts(log, 100);
    assertThat(recorded).extracting(AuditEvent::action).containsExactly("audit.witness_refused");
    starts(new GrowingLog(signer, 300, 50), 300);
    starts(new GrowingLog(signer, 300, 50), 200);
    assertThat(recorded).hasSize(3);
    assertThat(cosigned()).isEqualTo(200);
  }

  @Test
  void witnessThatIsAway_isNoAlarm() throws IOException {
    stopWitness();
    starts(log, 100);
    assertThat(folder.resolve("audit").resolve("cosigned")).doesNotExist();
    assertThat(recorded).isEmpty();
    startWitness();
  }

  @Test
  void cosigned_isShown_andAgainAfterARestart_whileTheWitnessIsAway() throws IOException {
    try (Cosigning cosigning = cosigning(log, 100)) {
      assertThat(cosigning.newest()).isEmpty();
      cosigning.attempt();
      cosigning.attempt();
      Cosigned shown = cosigning.newest().orElseThrow();
      assertThat(shown.size()).isEqualTo(100);
      assertThat(shown.time()).isEqualTo(NOW);
      assertThat(witnessKey.cosigned(SignedCheckpoint.parse(shown.note()))).hasValue(NOW);
      assertThat(asked(cosigning)).containsExactly(entry(Cosigning.Outcome.COSIGNED, 1L));
    }
    stopWitness();
    try (Cosigning cosigning = cosigning(log, 200)) {
      cosigning.start();
      assertThat(cosigning.newest()).map(Cosigned::size).hasValue(100L);
    }
    startWitness();
  }

  /** Who can write the folder cannot have the API show another note as cosigned. */
  @ParameterizedTest
  @ValueSource(strings = {"not of the log", "not cosigned", "no note"})
  void keptNoteThatIsNotGood_isNotShown(String what) throws IOException {
    starts(log, 100);
    Path kept = folder.resolve("audit").resolve("cosigned");
    String good = Files.readString(kept);
    String line = good.substring(good.lastIndexOf("\u2014"));
    String text = good.substring(0, good.indexOf("\u2014"));
    Files.writeString(
        kept,
        switch (what) {
          case "not of the log" -> text + line;
          case "not cosigned" -> log.note(100);
          default -> "nonsense";
        });
    stopWitness();
    try (Cosigning cosigning = cosigning(log, 200)) {
      cosigning.start();
      assertThat(cosigning.newest()).isEmpty();
    }
    startWitness();
  }

  @Test
  void A17_refusalThatCannotBeRecorded_isOneErrorLine_andOnRecordOnceItCan() {
    starts(log, 200);
    RecordingTrail trail = new RecordingTrail();
    trail.away(true);
    try (Cosigning cosigning = cosigning(log, 100, trail)) {
      for (int i = 0; i < 5; i++) {
        cosigning.attempt();
      }
      assertThat(logged())
          .containsExactly(
              "ERROR audit: witness_refused: witness witness.example/w1: the witness has cosigned"
                  + " 200 entries, the record has less",
              "WARN audit: the witness's refusal is not on record yet: audit: away");
      assertThat(trail.lines()).isEmpty();
      trail.away(false);
      cosigning.attempt();
      cosigning.attempt();
      assertThat(trail.lines())
          .containsExactly(
              "system audit.witness_refused witness/witness.example/w1 FAILED"
                  + " record_not_continued");
      assertThat(logged()).hasSize(2);
      assertThat(asked(cosigning)).containsExactly(entry(Cosigning.Outcome.REFUSED, 7L));
    }
  }

  @Test
  void witnessThatIsAway_isLoggedAndCountedOnce_andWhenItIsBack() throws IOException {
    stopWitness();
    try (Cosigning cosigning = cosigning(log, 100)) {
      cosigning.attempt();
      cosigning.attempt();
      assertThat(asked(cosigning)).containsExactly(entry(Cosigning.Outcome.UNREACHABLE, 2L));
      startWitness();
      cosigning.attempt();
      assertThat(cosigning.newest()).map(Cosigned::size).hasValue(100L);
      assertThat(logged()).hasSize(2);
      assertThat(logged().getFirst())
          .isEqualTo("WARN audit: witness witness.example/w1: no cosignature: ConnectException");
      assertThat(logged().getLast())
          .isEqualTo("INFO audit: witness witness.example/w1: cosigns again");
      assertThat(recorded).isEmpty();
    }
  }
}
