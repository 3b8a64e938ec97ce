package io.zenmesh.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.Zenctl;
import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Part;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** When the launcher builds, and what it answers without. */
final class LauncherBuildTest {
  @TempDir Path folder;
  private FakeCheckout checkout;

  @BeforeEach
  void make() throws Exception {
    checkout = new FakeCheckout(folder, Checkout.find().root().resolve("zen"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "99999", "65530", "65485", "08", "-1", "70000000000000000000"})
  void portBase_impossible_isRefusedBeforeAnyBuild(String base) throws Exception {
    checkout.maven("echo built > built");
    for (String command : new String[] {"up", "doctor"}) {
      FakeCheckout.Outcome outcome = checkout.zen(command, "--port-base", base);
      assertThat(outcome.status()).isEqualTo(2);
      assertThat(outcome.err()).contains("--port-base: " + base + " (expected: 1 to 65484)");
      assertThat(outcome.out()).isEmpty();
    }
    assertThat(checkout.root().resolve("built")).doesNotExist();
  }

  @Test
  void portBase_last_isTheHarnesss() throws Exception {
    assertThat(65_535 - Part.REDIS.offset()).isEqualTo(65_484);
    Path said = checkout.fakeBuild();
    assertThat(checkout.zen("up", "--port-base", "65484").status()).isZero();
    assertThat(said).content().endsWith(" --port-base 65484\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"ctl", "ctl --help", "ctl help", "ctl signature -h", "logs --help"})
  void help_nothingBuiltYet_buildsNothing(String arguments) throws Exception {
    checkout.maven("echo built > built");
    FakeCheckout.Outcome outcome = checkout.without("ZEN_JAVA_HOME").zen(arguments.split(" "));
    assertThat(outcome.status()).isZero();
    assertThat(outcome.out()).startsWith("zen ").contains("\n\n");
    assertThat(outcome.err()).isEmpty();
    assertThat(checkout.root().resolve("built")).doesNotExist();
  }

  @Test
  void ctlHelp_buildIsStale_isTheProgramsOwnWithoutAWarning() throws Exception {
    Path said = checkout.fakeBuild();
    assertThat(checkout.zen("ctl", "version").err())
        .startsWith("zen: nothing is built yet, so a build comes first (some minutes)\n");
    Files.writeString(checkout.root().resolve("xds/src/New.java"), "");
    checkout.maven("echo built > built");
    assertThat(checkout.zen("ctl", "--help").err()).isEmpty();
    assertThat(said).content().endsWith("Zenctl --help\n");
    assertThat(checkout.root().resolve("built")).doesNotExist();
  }

  @Test
  void ctlHelp_namesEachCommand() throws Exception {
    String help = checkout.zen("ctl", "--help").out();
    for (Class<?> command : Zenctl.class.getAnnotation(Command.class).subcommands()) {
      if (command != CommandLine.HelpCommand.class) {
        assertThat(help).contains("\n  " + command.getAnnotation(Command.class).name() + " ");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void build_whileAnotherRuns_waitsAndUsesItsResult(boolean flock) throws Exception {
    if (!flock) {
      checkout.withoutTool("flock");
      // Left by a process that is gone.
      Path lock = Files.createDirectories(checkout.root().resolve(".zen-build"));
      Files.createSymbolicLink(lock.resolve("lock.pid"), Path.of("999999999"));
    }
    Path said = checkout.fakeBuild();
    Path runs = checkout.root().resolve("runs");
    Path go = checkout.root().resolve("go");
    assertThat(checkout.zen("up").status()).isZero();
    Files.writeString(checkout.root().resolve("xds/src/New.java"), "");
    checkout.maven("echo run >> '" + runs + "'; until [ -f '" + go + "' ]; do sleep 0.1; done");
    Path err = folder.resolve("err");
    Process first = checkout.start(folder.resolve("out"), err, "bench", "quick");
    Eventually.holds("Maven runs", Duration.ofSeconds(20), () -> Files.exists(runs));
    Path secondErr = folder.resolve("err-2");
    Process second = checkout.start(folder.resolve("out-2"), secondErr, "up");
    Eventually.holds(
        "the second waits",
        Duration.ofSeconds(20),
        () -> Files.readString(secondErr).contains("waiting for another build"));
    Files.writeString(go, "");
    assertThat(first.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(second.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(first.exitValue() + second.exitValue()).as(Files.readString(secondErr)).isZero();
    assertThat(runs).content().isEqualTo("run\n");
    assertThat(secondErr).content().contains("build  up to date");
    assertThat(Files.readAllLines(said)).hasSize(3);
    assertThat(checkout.root().resolve(".zen-build/lock.pid")).doesNotExist();
  }
}
