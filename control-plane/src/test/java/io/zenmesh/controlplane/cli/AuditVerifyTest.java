package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.TestRecord;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AuditVerifyTest {
  @TempDir Path folder;

  private Path write(TestRecord record) throws IOException {
    Path file = folder.resolve("audit.jsonl");
    Files.write(file, record.export());
    Files.writeString(folder.resolve("checkpoints"), record.notes());
    Files.writeString(folder.resolve("keys"), record.verifierKey() + "\n");
    return file;
  }

  private ZenctlRun verify(Path export, String... more) throws IOException {
    List<String> arguments =
        new ArrayList<>(List.of("audit", "verify", "--export", export.toString()));
    arguments.addAll(List.of(more));
    return ZenctlRun.of(folder.resolve("none.yaml"), arguments.toArray(String[]::new));
  }

  private String[] trust() {
    return new String[] {
      "--from-checkpoint", folder.resolve("checkpoints").toString(),
      "--key", folder.resolve("keys").toString()
    };
  }

  @Test
  void wholeRecord_isWhole_plainAndCompressed() throws IOException {
    Path export = write(TestRecord.of(30, 10, 40));
    ZenctlRun run = verify(export, trust());
    assertThat(run.err()).isEmpty();
    assertThat(run.out())
        .contains("whole: 40 entries in 2 chains, 40 places in the log")
        .contains("2 checkpoints agree; they cover the first 40 places");
    assertThat(run.exitCode()).isZero();
    Path packed = folder.resolve("audit.jsonl.gz");
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(packed))) {
      Files.copy(export, out);
    }
    assertThat(verify(packed, trust()).out()).isEqualTo(run.out());
    assertThat(verify(export).out()).contains("no checkpoint: a record that was cut off");
  }

  @Test
  void A01_changedEntry_isNamed() throws IOException {
    Path export = write(TestRecord.of(30, 10, 40));
    Files.writeString(
        export, Files.readString(export).replace("secret/acme/stripe-7\"", "secret/acme/other\""));
    ZenctlRun run = verify(export, trust());
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .startsWith(
            "first bad position: chain acme entry 7: its content and its hash do not match");
    assertThat(verify(export).exitCode()).isEqualTo(3);
  }

  @Test
  void A04_cutEnd_isNamedWithACheckpointOnly() throws IOException {
    TestRecord whole = TestRecord.of(30, 10, 40);
    Path export = write(whole);
    Files.write(export, whole.upTo(25).export());
    ZenctlRun run = verify(export, trust());
    assertThat(run.exitCode()).isEqualTo(3);
    assertThat(run.err())
        .startsWith(
            "first bad position: log positions 20 to 24: vouched for by no checkpoint any more")
        .contains("also: log positions 25 to 39: missing");
    assertThat(verify(export).exitCode()).isZero();
  }

  @Test
  void checkpointOfAnotherKey_isNoCheckpoint() throws IOException {
    Path export = write(TestRecord.of(30, 10, 40));
    Files.writeString(folder.resolve("keys"), TestRecord.of(1, 1, 1).verifierKey() + "\n");
    ZenctlRun run = verify(export, trust());
    assertThat(run.exitCode()).isOne();
    assertThat(run.err()).contains("checkpoint 1 is not signed by a key of");
  }

  @Test
  void fileOfAnotherForm_saysWhichItem() throws IOException {
    Path export = write(TestRecord.of(3, 1, 4));
    String good = Files.readString(export);
    for (String[] change :
        new String[][] {
          {"\"seq\":2", "\"seq\":\"2\"", "item 3: seq: missing (expected: a whole number)"},
          {"\"time\"", "\"times\"", "item 2: time: missing (expected: a whole number)"},
          {"\"reason\":\"\"", "\"reason\":\"\",\"x\":1", "item 2: x: unknown"},
          {"zen-audit-export-v1", "zen-audit-export-v2", "item 1: format: unknown"},
          {"\"seq\":1,", "\"seq\":1,\"seq\":1,", "item 2: seq: twice"},
          {"{\"leaf\"", "[{\"leaf\"", "no JSON object"}
        }) {
      Files.writeString(export, good.replace(change[0], change[1]));
      ZenctlRun run = verify(export);
      assertThat(run.exitCode()).as(change[1]).isOne();
      assertThat(run.err()).contains(change[2]);
    }
  }

  @Test
  void brokenOffFile_isNotWhole() throws IOException {
    Path export = write(TestRecord.of(3, 1, 4));
    List<String> lines = Files.readAllLines(export);
    Files.write(export, lines.subList(0, lines.size() - 1));
    assertThat(verify(export).err()).contains("export: broken off");
    Files.writeString(export, "");
    assertThat(verify(export).err()).contains("export: empty");
  }

  @Test
  void usage_isTold() throws IOException {
    assertThat(verify(folder.resolve("missing")).exitCode()).isOne();
    assertThat(verify(folder.resolve("x"), "--key", "k").exitCode()).isEqualTo(2);
  }
}
