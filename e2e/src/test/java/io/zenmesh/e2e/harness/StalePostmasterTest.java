package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StalePostmasterTest {
  private static final Duration GRACE = Duration.ofMillis(500);

  @TempDir Path data;
  private final List<Process> started = new ArrayList<>();

  @AfterEach
  void end() {
    started.forEach(Process::destroyForcibly);
  }

  /** Waits for a line that does not come; its command line holds the data directory. */
  private Process start(Path shell, String beforehand) throws Exception {
    Process process =
        new ProcessBuilder(
                shell.toString(), "-c", beforehand + " echo up; read line", "x", data.toString())
            .start();
    started.add(process);
    assertThat(process.inputReader().readLine()).isEqualTo("up");
    return process;
  }

  private void note(Process process, long secondsLater) throws Exception {
    long start = process.info().startInstant().orElseThrow().getEpochSecond();
    Files.writeString(
        data.resolve("postmaster.pid"),
        process.pid() + "\n" + data + "\n" + (start + secondsLater) + "\n15432\n");
  }

  private Path postgres() throws Exception {
    return Files.copy(Path.of("/bin/bash").toRealPath(), data.resolve("postgres"));
  }

  @Test
  void end_anotherProgramWithItsId_isLeftAlone() throws Exception {
    Process process = start(Path.of("/bin/bash"), "");
    note(process, 0);
    StalePostmaster.end(data, GRACE);
    assertThat(process.waitFor(Duration.ofMillis(300))).isFalse();
  }

  @Test
  void end_startedAtAnotherTime_isLeftAlone() throws Exception {
    Process process = start(postgres(), "");
    note(process, -3600);
    StalePostmaster.end(data, GRACE);
    note(process, 3600);
    StalePostmaster.end(data, GRACE);
    assertThat(process.waitFor(Duration.ofMillis(300))).isFalse();
  }

  @Test
  void end_theServerItself_isEnded() throws Exception {
    Process process = start(postgres(), "");
    note(process, 0);
    StalePostmaster.end(data, Duration.ofSeconds(5));
    assertThat(process.waitFor(Duration.ofSeconds(5))).isTrue();
  }

  @Test
  void end_serverThatDoesNotHeed_isKilled() throws Exception {
    Process process = start(postgres(), "trap '' INT;");
    note(process, 1);
    StalePostmaster.end(data, GRACE);
    assertThat(process.waitFor(Duration.ofSeconds(5))).isTrue();
  }
}
