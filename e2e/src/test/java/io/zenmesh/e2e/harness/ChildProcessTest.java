package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ChildProcessTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path folder;
  private Supervisor supervisor;

  @BeforeEach
  void start() {
    supervisor = new Supervisor(folder);
  }

  @AfterEach
  void end() {
    supervisor.close();
  }

  private ChildSpec shell(String name, String script) {
    return ChildSpec.of(name, List.of("sh", "-c", script), folder.resolve(name + ".log"));
  }

  @Test
  void awaitLine_lineComes_returnsItsGroups() {
    ChildProcess child = supervisor.start(shell("a", "echo ready port=17; exec sleep 300"));
    assertThat(child.awaitLine(Pattern.compile("ready port=(\\d+)"), SOON).group(1))
        .isEqualTo("17");
  }

  @Test
  void awaitLine_lineOfAnEarlierRun_doesNotCount() throws Exception {
    Files.writeString(folder.resolve("a.log"), "ready port=1\n");
    ChildProcess child = supervisor.start(shell("a", "echo ready port=2; exec sleep 300"));
    assertThat(child.awaitLine(Pattern.compile("ready port=(\\d+)"), SOON).group(1)).isEqualTo("2");
  }

  @Test
  void awaitLine_processEndsFirst_failsAtOnceWithStatusAndLog() {
    ChildProcess child = supervisor.start(shell("a", "echo no such key; exit 3"));
    assertThatThrownBy(() -> child.awaitLine(Pattern.compile("ready"), Duration.ofMinutes(5)))
        .isInstanceOfSatisfying(
            HarnessException.class,
            e -> {
              assertThat(e).hasMessageContaining("a: ended with status 3");
              assertThat(e.detail()).contains("no such key");
            });
  }

  @Test
  void awaitLine_neverComes_failsWithWhatWasThere() {
    ChildProcess child = supervisor.start(shell("a", "echo still loading; exec sleep 300"));
    var _ = child.awaitLine(Pattern.compile("loading"), SOON);
    assertThatThrownBy(() -> child.awaitLine(Pattern.compile("ready"), Duration.ofMillis(50)))
        .isInstanceOfSatisfying(
            HarnessException.class, e -> assertThat(e.detail()).contains("still loading"));
  }

  @Test
  void stop_processHeedsTerm_endsInOrder() {
    ChildProcess child =
        supervisor.start(
            shell("a", "trap 'echo drained; exit 0' TERM; echo up; while :; do sleep 0.05; done"));
    var _ = child.awaitLine(Pattern.compile("up"), SOON);
    child.stop();
    assertThat(child.exitStatus()).contains(0);
    assertThat(child.output()).contains("drained");
  }

  @Test
  void stop_processIgnoresTerm_isKilledAfterTheGrace() {
    ChildSpec deaf =
        shell("a", "trap '' TERM; echo up; while :; do sleep 0.05; done")
            .withStop(ChildSpec.StopSignal.TERM, Duration.ofMillis(200));
    ChildProcess child = supervisor.start(deaf);
    var _ = child.awaitLine(Pattern.compile("up"), SOON);
    child.stop();
    assertThat(child.isAlive()).isFalse();
    assertThat(child.exitStatus()).contains(128 + 9);
  }

  @Test
  void stop_pausedProcess_isKilledAfterTheGrace() {
    ChildProcess child =
        supervisor.start(
            shell("a", "exec sleep 300")
                .withStop(ChildSpec.StopSignal.TERM, Duration.ofMillis(200)));
    child.pause();
    child.stop();
    assertThat(child.isAlive()).isFalse();
  }

  @Test
  void close_endsAllInReverseAndForgetsThem() throws Exception {
    List<ChildProcess> children =
        List.of(
            supervisor.start(shell("a", "exec sleep 300")),
            supervisor.start(shell("b", "exec sleep 300")));
    supervisor.close();
    assertThat(children).noneMatch(ChildProcess::isAlive);
    assertThat(RunFile.list(folder)).isEmpty();
    assertThatThrownBy(() -> supervisor.start(shell("c", "exec sleep 300")))
        .hasMessageContaining("being stopped");
  }

  @Test
  void environment_ofTheHarness_isNotHandedOn() {
    ChildProcess child = supervisor.start(shell("a", "env; echo done; exec sleep 300"));
    var _ = child.awaitLine(Pattern.compile("^done$", Pattern.MULTILINE), SOON);
    assertThat(child.output()).contains("PATH=").doesNotContain("JAVA_HOME=");
  }

  @Test
  void start_programThatIsNotThere_failsWithItsName() {
    ChildSpec missing = ChildSpec.of("a", List.of("/no/such/program"), folder.resolve("a.log"));
    assertThatThrownBy(() -> supervisor.start(missing).awaitLine(Pattern.compile("ready"), SOON))
        .isInstanceOf(HarnessException.class)
        .hasMessageStartingWith("a: ");
  }
}
