package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.TestRecord;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The witness as its own process, as operators run it. */
class AuditWitnessTest {
  @TempDir Path folder;

  private ZenctlRun zenctl(String... arguments) {
    return ZenctlRun.of(folder.resolve("none.yaml"), arguments);
  }

  private String generate() {
    ZenctlRun made =
        zenctl("audit", "witness", "--key", key().toString(), "--generate", "witness.example/w1");
    assertThat(made.err()).isEmpty();
    assertThat(made.exitCode()).isZero();
    return made.out().strip();
  }

  private Path key() {
    return folder.resolve("witness.key");
  }

  private record Running(Process process, String address) implements AutoCloseable {
    HttpResponse<String> post(String body) throws IOException, InterruptedException {
      try (HttpClient http = HttpClient.newHttpClient()) {
        return http.send(
            HttpRequest.newBuilder(URI.create("http://" + address + "/add-checkpoint"))
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
      }
    }

    @Override
    public void close() throws InterruptedException {
      process.destroyForcibly();
      assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
    }
  }

  private Running start(String logKey) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Zenctl.class.getName(),
                "audit",
                "witness",
                "--listen",
                "127.0.0.1:0",
                "--key",
                key().toString(),
                "--state",
                folder.resolve("state").toString(),
                "--log-key",
                logKey)
            .redirectError(folder.resolve("witness.log").toFile())
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    for (String line; (line = out.readLine()) != null; ) {
      if (line.startsWith("ready witness=")) {
        return new Running(process, line.substring("ready witness=".length()));
      }
    }
    process.destroyForcibly();
    throw new IOException("witness ended: " + Files.readString(folder.resolve("witness.log")));
  }

  private static String request(String note) {
    return "old 0\n\n" + note;
  }

  private ZenctlRun verify(TestRecord record, String note, String witnessKey) throws IOException {
    Path export = folder.resolve("audit.jsonl");
    Files.write(export, record.export());
    Files.writeString(folder.resolve("checkpoint"), note);
    Files.writeString(folder.resolve("keys"), record.verifierKey() + "\n");
    return zenctl(
        "audit",
        "verify",
        "--export",
        export.toString(),
        "--from-checkpoint",
        folder.resolve("checkpoint").toString(),
        "--key",
        folder.resolve("keys").toString(),
        "--witness-key",
        witnessKey);
  }

  @Test
  void keyFile_isMadeOnce_forItsOwnerOnly_andReadAgain() throws IOException {
    String printed = generate();
    assertThat(printed).startsWith("witness.example/w1+");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(key())))
        .isEqualTo("rw-------");
    assertThat(printed).doesNotContain(Files.readString(key()).strip().split(" ")[2]);
    byte[] before = Files.readAllBytes(key());
    assertThat(zenctl("audit", "witness", "--key", key().toString(), "--generate", "w2").exitCode())
        .isEqualTo(2);
    assertThat(Files.readAllBytes(key())).isEqualTo(before);
    Files.setPosixFilePermissions(key(), PosixFilePermissions.fromString("rw-r--r--"));
    ZenctlRun open =
        zenctl(
            "audit",
            "witness",
            "--key",
            key().toString(),
            "--listen",
            "127.0.0.1:0",
            "--state",
            folder.resolve("state").toString(),
            "--log-key",
            "x");
    assertThat(open.exitCode()).isEqualTo(1);
    assertThat(open.err()).contains("expected: rw-------");
  }

  @Test
  void A17_databaseAndCheckpointsRewrittenTogether_areFoundWithAWitness()
      throws IOException, InterruptedException {
    String witnessKey = generate();
    TestRecord honest = TestRecord.of(30, 10, 40);
    String note = honest.lastNote();
    String cosigned;
    try (Running witness = start(honest.verifierKey())) {
      HttpResponse<String> answer = witness.post(request(note));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
      cosigned = note + answer.body();
    }
    ZenctlRun good = verify(honest, cosigned, witnessKey);
    assertThat(good.err()).isEmpty();
    assertThat(good.out()).contains("cosigned by witness.example/w1 at ");
    assertThat(good.exitCode()).isZero();

    // Written anew from entry 20 on, with checkpoints that the log's own key has signed.
    TestRecord rewritten = honest.rewritten(30, 10, 40, 20);
    assertThat(verify(rewritten, cosigned, witnessKey).exitCode()).isEqualTo(3);
    ZenctlRun uncosigned = verify(rewritten, rewritten.lastNote(), witnessKey);
    assertThat(uncosigned.exitCode()).isEqualTo(1);
    assertThat(uncosigned.err()).contains("not cosigned by the witness witness.example/w1");
    // Killed and started again, the witness still does not cosign it.
    try (Running witness = start(honest.verifierKey())) {
      HttpResponse<String> refused = witness.post(request(rewritten.lastNote()));
      assertThat(refused.statusCode()).isEqualTo(409);
      assertThat(refused.body()).isEqualTo("40\n");
      String atSize = "old 40\n\n" + rewritten.lastNote();
      assertThat(witness.post(atSize).statusCode()).isEqualTo(409);
    }
    // A cosignature moved to another checkpoint counts for nothing.
    String moved = rewritten.lastNote() + cosigned.substring(note.length());
    assertThat(verify(rewritten, moved, witnessKey).exitCode()).isEqualTo(1);
  }

  @Test
  void witnessKey_isNoLogKey_andNeedsACheckpoint() throws IOException {
    TestRecord record = TestRecord.of(30, 10, 40);
    ZenctlRun logKey = verify(record, record.lastNote(), record.verifierKey());
    assertThat(logKey.exitCode()).isEqualTo(2);
    assertThat(logKey.err()).contains("--witness-key: key: malformed");
    ZenctlRun alone =
        zenctl(
            "audit",
            "verify",
            "--export",
            folder.resolve("audit.jsonl").toString(),
            "--witness-key",
            generate());
    assertThat(alone.exitCode()).isEqualTo(2);
    assertThat(alone.err()).contains("--witness-key: alone");
  }
}
