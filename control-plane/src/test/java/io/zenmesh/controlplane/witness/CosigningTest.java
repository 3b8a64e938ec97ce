package io.zenmesh.controlplane.witness;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class CosigningTest extends WitnessFixture {
  private final List<AuditEvent> recorded = new ArrayList<>();

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

  /** A control plane that starts with a record of this size. */
  private void starts(GrowingLog with, long size) {
    try (Cosigning cosigning =
        new Cosigning(
            new At(with, size, signer.verifierKey()),
            new WitnessClient(URI.create("http://127.0.0.1:" + port()), Optional.empty()),
            witnessKey,
            folder.resolve("audit"),
            recorded::addAll)) {
      cosigning.attempt();
      cosigning.attempt();
    }
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
}
