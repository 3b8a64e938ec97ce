package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class SupervisorTest {
  @TempDir Path run;

  @Test
  void run_programThatEnds_returnsWhatItSaidAndLeavesNothing() throws Exception {
    try (Supervisor supervisor = new Supervisor(run)) {
      assertThat(supervisor.run("helper", List.of("sh", "-c", "echo out; echo err >&2; exit 3")))
          .isEqualTo(new Programs.Outcome(3, "out\nerr"));
      assertThat(supervisor.running()).isEmpty();
    }
    try (var files = Files.list(run)) {
      assertThat(files).isEmpty();
    }
  }

  @Test
  void close_whileAHelperRuns_endsIt() throws Exception {
    Supervisor supervisor = new Supervisor(run);
    CompletableFuture<Programs.Outcome> outcome =
        CompletableFuture.supplyAsync(() -> supervisor.run("helper", List.of("sleep", "298.5")));
    Eventually.holds(
        "helper runs", Duration.ofSeconds(10), () -> Reaper.leftOver(run).contains("helper"));
    supervisor.close();
    assertThat(outcome.get(10, TimeUnit.SECONDS).status()).isEqualTo(128 + 15);
    assertThat(Reaper.leftOver(run)).isEmpty();
  }
}
