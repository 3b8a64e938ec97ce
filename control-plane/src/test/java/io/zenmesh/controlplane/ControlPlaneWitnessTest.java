package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A control plane and its witness, each a process of its own as operators start it, over mutual
 * TLS: what is cosigned, shown and verified, and what happens when the record is put back.
 */
class ControlPlaneWitnessTest extends ControlPlaneFixture {
  private static final long PATIENCE_SECONDS = 60;
  private static final String WITNESS = "/witness";
  private static final String NAME = "witness.example/w1";
  private static final String ERROR = "witness_refused: witness ";

  private final List<Process> started = new ArrayList<>();
  private int witnessPort;
  private String witnessKey = "";

  /** Looks again until it is so, and says what was found instead. */
  private interface Look {
    boolean so() throws Exception;
  }

  /** A process that has said it is ready. */
  private record Running(Process process, Path errors, String ready) {
    int port(String what) {
      Matcher found = Pattern.compile(what + "=127\\.0\\.0\\.1:([0-9]+)").matcher(ready);
      assertThat(found.find()).as(ready).isTrue();
      return Integer.parseInt(found.group(1));
    }

    List<String> errorLines(String text) throws IOException {
      return Files.readAllLines(errors).stream()
          .filter(it -> it.contains("ERROR") && it.contains(text))
          .toList();
    }
  }

  @BeforeEach
  void makeWitnessKey() throws IOException {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      witnessPort = free.getLocalPort();
    }
    ZenctlRun made =
        ZenctlRun.of(
            home.resolve("none.yaml"),
            "audit",
            "witness",
            "--key",
            home.resolve("witness.key").toString(),
            "--generate",
            NAME);
    assertThat(made.err()).isEmpty();
    witnessKey = made.out().strip();
  }

  @AfterEach
  void endProcesses() throws InterruptedException {
    for (Process process : started) {
      process.destroyForcibly().waitFor();
    }
  }

  private Running start(String main, String name, List<String> arguments) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx320m",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                // The product's own, not the one tests log by.
                "-Dlogback.configurationFile=logback.xml",
                "-cp",
                System.getProperty("java.class.path"),
                main));
    command.addAll(arguments);
    Path errors = home.resolve(name + "-" + started.size() + ".log");
    Process process = new ProcessBuilder(command).redirectError(errors.toFile()).start();
    started.add(process);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String ready = out.readLine();
    assertThat(ready).as(Files.readString(errors)).startsWith("ready ");
    return new Running(process, errors, ready);
  }

  private Running serve() throws IOException {
    return start(
        Main.class.getName(),
        "control-plane",
        List.of(
            "serve",
            "--trust-domain",
            "zen.test",
            "--identity",
            issue("/control-plane").directory().toString(),
            "--xds-listen",
            "127.0.0.1:0",
            "--api-listen",
            "127.0.0.1:0",
            "--pg",
            database.toString(),
            "--pg-credentials",
            database.credentials().toString(),
            "--keyset",
            home.resolve("keyset.json").toString(),
            "--mesh",
            mesh.toString(),
            "--audit-dir",
            home.resolve("audit").toString(),
            "--witness",
            "https://127.0.0.1:" + witnessPort,
            "--witness-key",
            witnessKey,
            "--witness-id",
            "spiffe://zen.test" + WITNESS));
  }

  private Running witness(String logKey) throws IOException {
    return start(
        "io.zenmesh.controlplane.cli.Zenctl",
        "witness",
        List.of(
            "audit",
            "witness",
            "--listen",
            "127.0.0.1:" + witnessPort,
            "--key",
            home.resolve("witness.key").toString(),
            "--state",
            home.resolve("witness-state").toString(),
            "--log-key",
            logKey,
            "--identity",
            issue(WITNESS).directory().toString()));
  }

  private void end(Running running) throws InterruptedException {
    running.process().toHandle().destroy();
    assertThat(running.process().waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(running.process().exitValue()).isZero();
  }

  private void eventually(Running running, String what, Look look) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!look.so()) {
      if (System.nanoTime() > end) {
        throw new AssertionError(
            "not in time: "
                + what
                + "\n"
                + get(running, "/metrics")
                + Files.readString(running.errors()));
      }
      Thread.sleep(250);
    }
  }

  private String get(Running running, String path) throws Exception {
    try (HttpClient http =
        HttpClient.newBuilder()
            .sslContext(
                MutualTls.load(issue("/operator/admin"))
                    .client(SpiffeId.parse(SERVER_ID).orElseThrow()))
            .build()) {
      HttpResponse<String> answer =
          http.send(
              HttpRequest.newBuilder(URI.create("https://127.0.0.1:" + running.port("api") + path))
                  .build(),
              BodyHandlers.ofString());
      assertThat(answer.statusCode()).as(path + " " + answer.body()).isEqualTo(200);
      return answer.body();
    }
  }

  private double metric(Running running, String name) throws Exception {
    String text = get(running, "/metrics");
    return text.lines()
        .filter(it -> it.startsWith(name + " "))
        .mapToDouble(it -> Double.parseDouble(it.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError(name + " is not in " + text));
  }

  private double asked(Running running, String outcome) throws Exception {
    return metric(running, "zen_audit_witness_asked_total{outcome=\"" + outcome + "\"}");
  }

  private ZenctlRun admin(Running running, String... arguments) throws IOException {
    return zenctl(running.port("api"), "/operator/admin", arguments);
  }

  private ZenctlRun cosigned(Running running) throws IOException {
    return admin(running, "audit", "checkpoint", "--cosigned");
  }

  private void apply(Running running, String endpoint) throws IOException {
    Path file = home.resolve("other.yaml");
    Files.writeString(file, TestMesh.all() + TestMesh.endpoint("acme", endpoint));
    ZenctlRun applied = admin(running, "apply", "-f", file.toString());
    assertThat(applied.exitCode()).as(applied.err()).isZero();
  }

  private ZenctlRun verify(Running running, String name, String note) throws IOException {
    Path export = home.resolve(name + ".jsonl.gz");
    ZenctlRun exported =
        admin(running, "audit", "export", "--tenant", "acme", "--out", export.toString());
    assertThat(exported.err()).isEmpty();
    Path pinned = Files.writeString(home.resolve(name + ".note"), note);
    return admin(
        running,
        "audit",
        "verify",
        "--export",
        export.toString(),
        "--from-checkpoint",
        pinned.toString(),
        "--key",
        home.resolve("audit").resolve("verifier-keys").toString(),
        "--witness-key",
        witnessKey);
  }

  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to);
    try (Stream<Path> files = Files.list(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(file.getFileName()));
      }
    }
  }

  private Running cosignedByAWitness() throws Exception {
    // Away: nothing waits for it, and what is missing can be seen.
    Running first = serve();
    apply(first, "while-away");
    ZenctlRun none = cosigned(first);
    assertThat(none.exitCode()).isOne();
    assertThat(none.err()).contains("no cosigned checkpoint");
    eventually(first, "unreachable", () -> asked(first, "unreachable") > 0);
    assertThat(metric(first, "zen_audit_cosigned_entries")).isZero();
    assertThat(metric(first, "zen_audit_checkpoint_entries")).isPositive();

    Running witness = witness(admin(first, "audit", "checkpoint", "--key").out().strip());
    assertThat(witness.process().isAlive()).isTrue();
    eventually(first, "cosigned", () -> cosigned(first).exitCode() == 0);
    assertThat(asked(first, "cosigned")).isPositive();
    assertThat(metric(first, "zen_audit_cosigned_entries")).isPositive();
    assertThat(metric(first, "zen_audit_cosigned_age_seconds")).isBetween(-1.0, 60.0);
    ZenctlRun verified = verify(first, "honest", cosigned(first).out());
    assertThat(verified.err()).isEmpty();
    assertThat(verified.out()).contains("cosigned by " + NAME + " at ");
    assertThat(asked(first, "refused")).isZero();
    return first;
  }

  @Test
  void A17_recordAndCheckpointsPutBackTogether_areRefusedByTheWitness_andTheControlPlaneGoesOn()
      throws Exception {
    end(cosignedByAWitness());
    PostgresAddress backup = TestPostgres.copyOf(database);
    copy(home.resolve("audit"), home.resolve("backup"));

    Running second = serve();
    apply(second, "after-the-backup");
    long kept =
        SignedCheckpoint.parse(Files.readString(home.resolve("backup").resolve("checkpoint")))
            .size();
    eventually(
        second,
        "cosigned past the backup",
        () -> metric(second, "zen_audit_cosigned_entries") > kept);
    String pinned = cosigned(second).out();
    double size = metric(second, "zen_audit_cosigned_entries");
    end(second);

    // Whoever has all rights on the machine puts both back: nothing here contradicts them.
    database = backup;
    Files.move(home.resolve("audit"), home.resolve("hidden"));
    copy(home.resolve("backup"), home.resolve("audit"));
    Running third = serve();
    eventually(third, "refused", () -> asked(third, "refused") > 0);
    eventually(
        third,
        "on record",
        () ->
            onRecord("system")
                .contains(
                    "control-plane audit.witness_refused witness/"
                        + NAME
                        + " failed record_not_continued"));
    assertThat(third.errorLines(ERROR)).hasSize(1);

    // It goes on, grows past what was cosigned, and is a fork that the witness does not cosign.
    apply(third, "in-the-other-history");
    while (metric(third, "zen_audit_checkpoint_entries") <= size) {
      assertThat(admin(third, "audit", "list", "--limit", "1").exitCode()).isZero();
    }
    double refusals = asked(third, "refused");
    eventually(third, "refused again", () -> asked(third, "refused") > refusals + 1);
    assertThat(get(third, "/readyz")).contains("ready");
    assertThat(third.errorLines(ERROR)).hasSize(1);
    assertThat(onRecord("system")).filteredOn(it -> it.contains("witness_refused")).hasSize(1);
    assertThat(metric(third, "zen_audit_cosigned_entries")).isLessThan(size);
    ZenctlRun contradicted = verify(third, "forked", pinned);
    assertThat(contradicted.exitCode()).as(contradicted.out()).isEqualTo(3);
  }
}
