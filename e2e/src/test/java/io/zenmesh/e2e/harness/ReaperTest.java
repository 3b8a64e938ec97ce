package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ReaperTest {
  @TempDir Path run;
  private Process orphan;

  @BeforeEach
  void start() throws Exception {
    orphan = new ProcessBuilder("sleep", "299.5").start();
  }

  @AfterEach
  void end() {
    orphan.destroyForcibly();
  }

  private void note(String started, String marker) throws Exception {
    new RunFile("orphan", orphan.pid(), started, marker).write(run);
  }

  private String started() {
    return RunFile.startToken(orphan.pid()).orElseThrow();
  }

  @Test
  void reap_everythingAgrees_endsTheProcess() throws Exception {
    note(started(), "299.5");
    assertThat(Reaper.leftOver(run)).containsExactly("orphan");
    assertThat(Reaper.reap(run)).containsExactly("orphan");
    assertThat(RunFile.startToken(orphan.pid())).isEmpty();
    assertThat(RunFile.list(run)).isEmpty();
  }

  @Test
  void reap_processIdWasReused_leavesTheOtherAlone() throws Exception {
    note(started().replaceFirst("/.*", "/1"), "299.5");
    assertThat(Reaper.reap(run)).isEmpty();
    assertThat(orphan.isAlive()).isTrue();
    assertThat(RunFile.list(run)).isEmpty();
  }

  @Test
  void reap_commandLineDiffers_leavesTheOtherAlone() throws Exception {
    note(started(), "postgres");
    assertThat(Reaper.reap(run)).isEmpty();
    assertThat(orphan.isAlive()).isTrue();
  }

  @Test
  void reap_tornNote_isDeleted() throws Exception {
    Files.writeString(run.resolve("torn.pid"), orphan.pid() + "\n");
    assertThat(Reaper.reap(run)).isEmpty();
    assertThat(orphan.isAlive()).isTrue();
    assertThat(RunFile.list(run)).isEmpty();
  }

  @Test
  void supervisor_startedAfterAKill_reapsFirst() throws Exception {
    note(started(), "299.5");
    List<String> reaped = new ArrayList<>();
    try (Supervisor supervisor = new Supervisor(run, reaped::add)) {
      assertThat(supervisor.running()).isEmpty();
    }
    assertThat(reaped).containsExactly("orphan");
    assertThat(RunFile.startToken(orphan.pid())).isEmpty();
  }
}
