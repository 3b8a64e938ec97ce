package io.zenmesh.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.StateDirectory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class LauncherTest {
  private static final String REPORTS =
      """
      mkdir -p xds/target/surefire-reports e2e/target/failsafe-reports
      cat > xds/target/surefire-reports/TEST-a.xml <<'X'
      <testsuite xmlns:xsi="x" name="io.zenmesh.A" time="0.1" tests="5" errors="%1$d" skipped="1" failures="%2$d">
        <testcase name="does_this_holds" classname="io.zenmesh.A" time="0.1"/>
        <testcase name="needs_docker_runs" classname="io.zenmesh.A" time="0">
          <skipped message="no daemon &quot;answers&quot;"/>
        </testcase>
      </testsuite>
      X
      cat > e2e/target/failsafe-reports/TEST-b.xml <<'X'
      <testsuite name="io.zenmesh.BIT" time="0.1" tests="3" errors="0" skipped="0" failures="0"/>
      X
      """;

  @TempDir Path folder;
  private FakeCheckout checkout;

  @BeforeEach
  void make() throws Exception {
    checkout = new FakeCheckout(folder, Checkout.find().root().resolve("zen"));
  }

  @Test
  void help_andNoCommand_listTheCommands() throws Exception {
    for (String[] arguments : new String[][] {{}, {"help"}, {"--help"}}) {
      FakeCheckout.Outcome outcome = checkout.zen(arguments);
      assertThat(outcome.status()).isZero();
      assertThat(outcome.out()).contains("zen up", "zen test", "zen ctl", "zen logs", "zen doctor");
    }
  }

  @Test
  void unknownCommandOrOption_isAUsageError() throws Exception {
    assertThat(checkout.zen("fly").status()).isEqualTo(2);
    assertThat(checkout.zen("up", "--fly").err()).contains("unknown option --fly");
    assertThat(checkout.zen("up", "--port-base", "x").status()).isEqualTo(2);
    assertThat(checkout.zen("test", "--fly").status()).isEqualTo(2);
  }

  @Test
  void test_allPass_closesWithTheCountAndListsSkipped() throws Exception {
    checkout.maven(REPORTS.formatted(0, 0));
    FakeCheckout.Outcome outcome = checkout.zen("test");
    assertThat(outcome.out())
        .endsWith(
            "skipped: io.zenmesh.A.needs_docker_runs: no daemon \"answers\"\n"
                + "7 passed, 0 failed, 1 skipped\n");
    assertThat(outcome.status()).isZero();
  }

  @Test
  void test_skippedByAnAssumptionOfItsOwn_isListedWithItsReason() throws Exception {
    checkout.maven(
        """
        mkdir -p e2e/target/failsafe-reports
        cat > e2e/target/failsafe-reports/TEST-a.xml <<'X'
        <testsuite name="io.zenmesh.AIT" time="0.1" tests="2" errors="0" skipped="1" failures="0">
          <testcase name="here" classname="io.zenmesh.AIT" time="0.1"/>
          <testcase name="elsewhere" classname="io.zenmesh.AIT" time="0">
            <skipped type="a.TestAbortedException"><![CDATA[a.TestAbortedException: Assumption failed: no daemon: none
        	at io.zenmesh.AIT.elsewhere(AIT.java:1)
        ]]></skipped>
          </testcase>
        </testsuite>
        X
        """);
    assertThat(checkout.zen("test").out())
        .endsWith(
            "skipped: io.zenmesh.AIT.elsewhere: no daemon: none\n1 passed, 0 failed, 1 skipped\n");
  }

  @Test
  void test_failuresAndErrors_areCountedAndFail() throws Exception {
    checkout.maven(REPORTS.formatted(1, 1) + "exit 1");
    FakeCheckout.Outcome outcome = checkout.zen("test");
    assertThat(outcome.out()).endsWith("5 passed, 2 failed, 1 skipped\n");
    assertThat(outcome.status()).isEqualTo(1);
  }

  @Test
  void test_mavenFailsBesideTheTests_failsTheRun() throws Exception {
    checkout.maven(REPORTS.formatted(0, 0) + "echo '[ERROR] format violation'; exit 1");
    FakeCheckout.Outcome outcome = checkout.zen("test");
    assertThat(outcome.out()).endsWith("7 passed, 0 failed, 1 skipped\n");
    assertThat(outcome.err()).contains("format violation");
    assertThat(outcome.status()).isEqualTo(1);
  }

  @Test
  void test_noTestRan_fails() throws Exception {
    checkout.maven("exit 0");
    FakeCheckout.Outcome outcome = checkout.zen("test");
    assertThat(outcome.out()).endsWith("0 passed, 0 failed, 0 skipped\n");
    assertThat(outcome.status()).isEqualTo(1);
  }

  @Test
  void test_reportsOfAnEarlierRun_doNotCount() throws Exception {
    checkout.maven(REPORTS.formatted(0, 0));
    assertThat(checkout.zen("test").status()).isZero();
    checkout.maven("exit 0");
    assertThat(checkout.zen("test").out()).endsWith("0 passed, 0 failed, 0 skipped\n");
  }

  @Test
  void test_modes_choosePhasesAndTags() throws Exception {
    checkout.maven("echo \"$JAVA_HOME $*\" > \"$PWD/arguments\"");
    var _ = checkout.zen("test", "--fast");
    assertThat(checkout.root().resolve("arguments"))
        .content()
        .startsWith(System.getProperty("java.home"))
        .contains("verify", "-DskipITs");
    var _ = checkout.zen("test", "--all");
    assertThat(checkout.root().resolve("arguments"))
        .content()
        .contains("-Dzen.test.excludedGroups=none")
        .doesNotContain("skipITs");
  }

  @Test
  void jdk_tooOld_isPassedOver() throws Exception {
    Path old = checkout.jdk("17.0.15");
    checkout.maven("echo \"$JAVA_HOME\" > \"$PWD/used\"");
    var _ =
        checkout
            .with("ZEN_JAVA_HOME", "")
            .with("JAVA_HOME", old.toString())
            .with("MISE_DATA_DIR", checkout.root().toString())
            .zen("test");
    Path used = checkout.root().resolve("used");
    assertThat(Files.exists(used) ? Files.readString(used) : "").doesNotContain("17.0.15");
  }

  @Test
  void jdk_namedOneIsTooOld_isRefusedByName() throws Exception {
    Path old = checkout.jdk("21.0.2");
    FakeCheckout.Outcome outcome = checkout.with("ZEN_JAVA_HOME", old.toString()).zen("up");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err()).contains("ZEN_JAVA_HOME: " + old + " is no JDK 25 or newer");
  }

  @Test
  void envoy_noneAndNoPip_namesEveryWay() throws Exception {
    FakeCheckout.Outcome outcome = checkout.without("ENVOY_BIN").zen("up");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("no Envoy 1.39.3 or newer")
        .contains("ENVOY_BIN", "envoy on PATH", ".cache/zen-mesh/envoy/1.40.0/envoy", "pip");
  }

  @Test
  void envoy_namedOneIsTooOld_isRefusedByName() throws Exception {
    Path old = checkout.envoy("1.39.2");
    FakeCheckout.Outcome outcome = checkout.with("ENVOY_BIN", old.toString()).zen("up");
    assertThat(outcome.err()).contains("ENVOY_BIN: " + old + " is no Envoy 1.39.3 or newer");
  }

  @Test
  void up_buildFails_showsTheErrorsOnly() throws Exception {
    checkout.maven("echo '[INFO] noise'; echo '[ERROR] Foo.java:[3,4] bad'; exit 1");
    FakeCheckout.Outcome outcome = checkout.zen("up");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.err())
        .contains("Foo.java:[3,4] bad", "the build failed", ".zen-build/build.log")
        .doesNotContain("noise");
  }

  @Test
  void doctor_bareMachine_saysWhatIsMissing() throws Exception {
    FakeCheckout.Outcome outcome = checkout.without("ENVOY_BIN").zen("doctor");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.out())
        .contains("MISSING: no Envoy 1.39.3 or newer and no pip to fetch it with")
        .contains("disk", "ports", "state");
  }

  @Test
  void logs_nothingStartedYet_saysSo() throws Exception {
    assertThat(checkout.zen("logs").err()).contains("expected: a mesh started with zen up");
  }

  @Test
  void launcher_namesNoRegistryAndItsFlagsAreTheHarnesss() throws Exception {
    String zen = Files.readString(Checkout.find().root().resolve("zen"));
    assertThat(zen).doesNotContain("http://", "https://", ".org", ".com", "index-url");
    assertThat(zen.replaceAll("(?s).*JVM_FLAGS=\"([^\"]*)\".*", "$1").split(" "))
        .contains("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");
  }

  @Test
  void launcher_everyClassItNames_exists() throws Exception {
    String zen = Files.readString(Checkout.find().root().resolve("zen"));
    Matcher named = Pattern.compile("io\\.zenmesh(?:\\.[a-z]\\w*)*\\.[A-Z]\\w*").matcher(zen);
    assertThat(named.results().map(MatchResult::group).toList())
        .hasSizeGreaterThanOrEqualTo(3)
        .allSatisfy(
            name -> assertThat(Class.forName(name).getMethod("main", String[].class)).isNotNull());
  }

  @Test
  void bench_quick_startsTheBenchWithTheRestOfTheCommandLine() throws Exception {
    Path said = checkout.fakeBuild();
    FakeCheckout.Outcome outcome = checkout.zen("bench", "quick", "--rounds", "1");
    assertThat(outcome.status()).as(outcome.err()).isZero();
    assertThat(said).content().endsWith("io.zenmesh.e2e.bench.EdgeBench quick --rounds 1\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"test", "test --verbose", "up --verbose"})
  void signal_whileMavenRuns_endsItAndWhatItStarted(String arguments) throws Exception {
    Path pids = checkout.root().resolve("pids");
    checkout.maven("sleep 301 & echo $! $$ > '" + pids + "'; wait");
    Path err = folder.resolve("err");
    Process zen = checkout.start(folder.resolve("out"), err, arguments.split(" "));
    Eventually.holds(
        "Maven runs",
        Duration.ofSeconds(20),
        () -> Files.exists(pids) && Files.readString(pids).endsWith("\n"));
    zen.destroy();
    assertThat(zen.waitFor(20, TimeUnit.SECONDS)).as("zen has ended").isTrue();
    assertThat(zen.exitValue()).as(Files.readString(err)).isEqualTo(128 + 15);
    for (String pid : Files.readString(pids).strip().split(" ")) {
      assertThat(ProcessHandle.of(Long.parseLong(pid)).filter(ProcessHandle::isAlive)).isEmpty();
    }
  }

  @Test
  void test_modulesPassedOver_areNamed() throws Exception {
    checkout.maven(
        REPORTS.formatted(0, 1)
            + "echo '[INFO] Zen Mesh Gateway :: xds ........... FAILURE [  1.0 s]';"
            + "echo '[INFO] Zen Mesh Gateway :: e2e ............ SKIPPED'; exit 1");
    assertThat(checkout.zen("test").out())
        .contains("not run: Zen Mesh Gateway :: e2e (what it needs has failed)\n")
        .doesNotContain("not run: Zen Mesh Gateway :: xds")
        .endsWith("6 passed, 1 failed, 1 skipped\n");
  }

  @Test
  void ctl_buildIsStale_warnsAndDoesNotBuild() throws Exception {
    Path said = checkout.fakeBuild();
    assertThat(checkout.zen("ctl", "first").status()).isZero();
    Files.writeString(checkout.root().resolve("xds/src/New.java"), "");
    checkout.maven("echo built > built");
    FakeCheckout.Outcome outcome = checkout.zen("ctl", "second");
    assertThat(outcome.err())
        .isEqualTo("zen: the build is older than the sources (zen up builds)\n");
    assertThat(checkout.root().resolve("built")).doesNotExist();
    assertThat(said).content().contains("Zenctl first\n").endsWith("Zenctl second\n");
  }

  @Test
  void disk_stateOrCacheOnAFullOne_isRefusedByName() throws Exception {
    var _ = checkout.fakeBuild();
    checkout.tool(
        "df",
        "echo head; case $2 in *elsewhere*) echo d 1 1 7 1% /;; *) echo d 1 1 9000 1% /;; esac");
    Path full = Files.createDirectories(folder.resolve("elsewhere"));
    assertThat(checkout.zen("up", "--state", full.resolve("new/state").toString()).err())
        .contains("disk: 7 MB free at " + full);
    assertThat(checkout.with("HOME", full.toString()).zen("up").err())
        .contains("disk: 7 MB free at " + full);
  }

  @Test
  void jvms_keepTheirTemporaryFilesInTheCheckout() throws Exception {
    Path said = checkout.fakeBuild();
    for (String command : new String[] {"up", "ctl", "extproc serve", "bench quick"}) {
      assertThat(checkout.zen(command.split(" ")).status()).isZero();
    }
    assertThat(Files.readAllLines(said))
        .hasSize(4)
        .allMatch(line -> line.contains("-Djava.io.tmpdir=" + checkout.root() + "/.zen-build/tmp"))
        .allMatch(line -> line.contains("-XX:-UsePerfData"));
  }

  @Test
  void doctor_namedEnvoyIsUnusable_saysSoAndGoesOn() throws Exception {
    FakeCheckout.Outcome outcome = checkout.with("ENVOY_BIN", "/bin/true").zen("doctor");
    assertThat(outcome.status()).isEqualTo(1);
    assertThat(outcome.out())
        .contains("envoy     MISSING: ENVOY_BIN: /bin/true is no Envoy")
        .contains("ports     127.0.0.1 can be bound", "state     ");
  }

  @Test
  void doctor_takenPort_isNamed() throws Exception {
    try (ServerSocket held = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String port = Integer.toString(held.getLocalPort());
      FakeCheckout.Outcome outcome = checkout.zen("doctor", "--port-base", port);
      assertThat(outcome.out()).contains("taken on 127.0.0.1: " + port);
      assertThat(outcome.status()).isEqualTo(1);
    }
  }

  @Test
  void doctor_noteOfAReusedProcessId_isNotTakenForAPart() throws Exception {
    Path run = Files.createDirectories(folder.resolve("else where/run"));
    ProcessHandle self = ProcessHandle.current();
    Files.writeString(run.resolve("redis.pid"), self.pid() + "\nother-boot/12\nredis\n");
    String state = String.valueOf(run.getParent());
    assertThat(checkout.zen("doctor", "--state", state).out()).contains("processes none running");
  }

  @Test
  void doctor_meshRuns_namesIt() throws Exception {
    Path state = folder.resolve("state");
    try (StateDirectory held = StateDirectory.open(state)) {
      assertThat(checkout.zen("doctor", "--state", held.root().toString()).out())
          .contains("a mesh runs (process " + ProcessHandle.current().pid() + ")");
    }
  }
}
