package io.zenmesh.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.ChildProcess;
import io.zenmesh.e2e.harness.ChildSpec;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Reaper;
import io.zenmesh.e2e.harness.Supervisor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code zen up} as a process: killed, started again on the same state, ended by a signal. */
final class UpIT {
  private static final Duration PATIENCE = Duration.ofMinutes(4);
  private static final int PARTS = 8;

  @TempDir Path folder;
  private Path state;
  private Supervisor supervisor;

  @BeforeEach
  void start() throws Exception {
    state = folder.resolve("state");
    supervisor = new Supervisor(Files.createDirectories(folder.resolve("run")));
  }

  @AfterEach
  void end() {
    supervisor.close();
    if (Files.isDirectory(state.resolve("run"))) {
      var _ = Reaper.reap(state.resolve("run"));
    }
  }

  private ChildProcess up(String name, String... options) {
    List<String> arguments = new ArrayList<>(List.of("--state", state.toString()));
    arguments.addAll(List.of(options));
    List<String> command =
        Checkout.find().java("e2e", "io.zenmesh.e2e.up.Main", 192, List.copyOf(arguments));
    return supervisor.start(
        ChildSpec.of(name, command, folder.resolve(name + ".log"))
            .withMarker(state.toString())
            .withStop(ChildSpec.StopSignal.TERM, Duration.ofSeconds(60)));
  }

  private List<Path> socketsAndNotes() throws Exception {
    try (Stream<Path> files = Files.walk(state.resolve("run"))) {
      return files
          .filter(f -> f.toString().endsWith(".sock") || f.toString().endsWith(".pid"))
          .toList();
    }
  }

  @Test
  void up_killedAndStartedAgain_reapsChecksAndLeavesNothing() throws Exception {
    ChildProcess first = up("first");
    var _ = first.awaitLine(Pattern.compile("^Running", Pattern.MULTILINE), PATIENCE);
    assertThat(first.output()).doesNotContain("FAIL").containsPattern("(\\d+) of \\1 as expected");
    List<String> running = Reaper.leftOver(state.resolve("run"));
    assertThat(running).hasSize(PARTS);

    first.kill();
    assertThat(Reaper.leftOver(state.resolve("run"))).hasSize(PARTS);

    ChildProcess second = up("second", "--once");
    Eventually.holds("second run has ended", PATIENCE, () -> !second.isAlive());
    assertThat(second.exitStatus()).as(second.logTail()).contains(0);
    assertThat(second.output())
        .contains(running.stream().map(name -> "ended left-over " + name).toList())
        .containsPattern("(\\d+) of \\1 as expected");
    assertThat(Reaper.leftOver(state.resolve("run"))).isEmpty();
    assertThat(socketsAndNotes()).isEmpty();
  }

  @Test
  void up_signalDuringStart_leavesNothing() throws Exception {
    ChildProcess child = up("child");
    var _ = child.awaitLine(Pattern.compile("^postgres +ready", Pattern.MULTILINE), PATIENCE);
    child.stop();
    assertThat(child.exitStatus()).contains(128 + 15);
    assertThat(Reaper.leftOver(state.resolve("run"))).isEmpty();
    assertThat(socketsAndNotes()).isEmpty();
  }

  @Test
  void up_noSuchOption_isAUsageError() {
    ChildProcess child = up("child", "--fly");
    Eventually.holds("ended", PATIENCE, () -> !child.isAlive());
    assertThat(child.exitStatus()).contains(2);
    assertThat(child.output()).contains("up: --fly (expected: --once, --port-base N");
  }
}
