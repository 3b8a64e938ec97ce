package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.TestRecord;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
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

  private Path archive(TestRecord record, long from, long to) throws IOException {
    Path acme = Files.createDirectories(folder.resolve("archive").resolve("acme"));
    return Files.write(
        acme.resolve(from + "-" + to + ".jsonl.gz"), record.archive(TestEvents.ACME, from, to));
  }

  private ZenctlRun verifyWithArchive(Path export, Path... archives) throws IOException {
    List<String> more = new ArrayList<>(List.of(trust()));
    more.add("--archive");
    Stream.of(archives).map(Path::toString).forEach(more::add);
    return verify(export, more.toArray(String[]::new));
  }

  private static Path repack(Path archive, UnaryOperator<String> change) throws IOException {
    String text;
    try (InputStream in = new GZIPInputStream(Files.newInputStream(archive))) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String changed = change.apply(text);
    assertThat(changed).isNotEqualTo(text);
    try (OutputStream out = new GZIPOutputStream(Files.newOutputStream(archive))) {
      out.write(changed.getBytes(StandardCharsets.UTF_8));
    }
    return archive;
  }

  @Test
  void A16_prunedRecord_isWholeAcrossTheCut_inWhateverOrderTheArchivesCome() throws IOException {
    TestRecord whole = TestRecord.of(30, 10, 40);
    Path first = archive(whole, 1, 8);
    Path second = archive(whole, 9, 20);
    Path export = write(whole.prunedTo(TestEvents.ACME, 20));
    assertThat(Files.readString(export)).contains("{\"cut\":\"acme\",\"seq\":20,");
    ZenctlRun run = verifyWithArchive(export, second, first);
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out())
        .contains("archive of chain acme: entries 1 to 8")
        .contains("archive of chain acme: entries 9 to 20")
        .contains("whole: 20 entries in 2 chains, 40 places in the log");
    assertThat(verifyWithArchive(export, folder.resolve("archive")).exitCode()).isZero();
    // Without them a cut is taken as it is said.
    assertThat(verify(export, trust()).exitCode()).isZero();
    // Archived and not yet pruned, or pruned in part only: both is what a crash leaves.
    assertThat(verifyWithArchive(write(whole), first, second).exitCode()).isZero();
    Path half = write(whole.prunedTo(TestEvents.ACME, 8));
    assertThat(verifyWithArchive(half, first, second).exitCode()).isZero();
  }

  @Test
  void A16_missingArchive_isNamed() throws IOException {
    TestRecord whole = TestRecord.of(30, 10, 40);
    Path first = archive(whole, 1, 8);
    Path second = archive(whole, 9, 14);
    Path third = archive(whole, 15, 20);
    Path export = write(whole.prunedTo(TestEvents.ACME, 20));
    assertNotWhole(verifyWithArchive(export, second, third), "chain acme entry 1: missing");
    assertNotWhole(verifyWithArchive(export, first, third), "chain acme entry 9: missing");
    assertNotWhole(verifyWithArchive(export, first, second), "chain acme entry 15: missing");
    assertThat(verifyWithArchive(export, folder.resolve("none")).exitCode()).isOne();
  }

  @Test
  void A16_tamperedArchive_isNamedAtItsFirstBadPlace() throws IOException {
    TestRecord whole = TestRecord.of(30, 10, 40);
    Path export = write(whole.prunedTo(TestEvents.ACME, 20));
    Path changed =
        repack(archive(whole, 1, 20), it -> it.replace("acme/stripe-7\"", "acme/other\""));
    assertNotWhole(
        verifyWithArchive(export, changed),
        changed + ": chain acme entry 7: its content and its hash do not match");
    Path swapped = repack(archive(whole, 1, 20), AuditVerifyTest::swapped);
    assertNotWhole(verifyWithArchive(export, swapped), swapped + ": chain acme entry 5: missing");
    Path cut = repack(archive(whole, 1, 20), it -> it.substring(0, it.lastIndexOf("{\"end\"")));
    assertNotWhole(verifyWithArchive(export, cut), cut + ": export: broken off");
    Path unsigned = repack(archive(whole, 1, 20), it -> it.replace("\\n\u2014 ", "\\n- "));
    assertNotWhole(verifyWithArchive(export, unsigned), unsigned + ": checkpoint 1: malformed");
    Path flipped = archive(whole, 1, 20);
    byte[] bytes = Files.readAllBytes(flipped);
    bytes[bytes.length / 2] ^= 0x10;
    Files.write(flipped, bytes);
    assertNotWhole(verifyWithArchive(export, flipped), flipped + ": ");
  }

  @Test
  void A16_archiveMadeAnewByAnother_isNamed() throws IOException {
    TestRecord whole = TestRecord.of(30, 10, 40);
    TestRecord other = TestRecord.of(25, 15, 40);
    Path export = write(whole.prunedTo(TestEvents.ACME, 20));
    Path forged = archive(other, 1, 20);
    assertNotWhole(
        verifyWithArchive(export, forged), forged + ": its checkpoint is not signed by the keys");
  }

  private static String swapped(String text) {
    List<String> lines = new ArrayList<>(text.lines().toList());
    Collections.swap(lines, 6, 7);
    return String.join("\n", lines) + "\n";
  }

  private static void assertNotWhole(ZenctlRun run, String first) {
    assertThat(run.err()).startsWith("first bad position: " + first);
    assertThat(run.exitCode()).isEqualTo(3);
  }

  @Test
  void usage_isTold() throws IOException {
    assertThat(verify(folder.resolve("missing")).exitCode()).isOne();
    assertThat(verify(folder.resolve("x"), "--key", "k").exitCode()).isEqualTo(2);
  }
}
