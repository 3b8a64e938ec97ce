package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.custody.KekRotation;
import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.custody.SealProof;
import io.zenmesh.controlplane.custody.SecretOpener;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** A rotation in a process of its own, killed by signal 9, and the start after it. */
class KekRotationKillTest extends KekRotationFixture {
  private static final int FEW = 4;

  /** What a child said; the last line says whether it was killed or came to its end. */
  private List<String> child(int at, boolean afterwards) throws IOException, InterruptedException {
    Path errors = folder.resolve("child.err");
    Process child =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-cp",
                System.getProperty("java.class.path"),
                KekRotationChild.class.getName(),
                address.toString(),
                address.credentials().toString(),
                keyset.toString(),
                Integer.toString(at),
                Boolean.toString(afterwards))
            .redirectError(errors.toFile())
            .start();
    List<String> said = new ArrayList<>();
    try (BufferedReader out =
        new BufferedReader(new InputStreamReader(child.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = out.readLine(); line != null; line = out.readLine()) {
        said.add(line);
        if (line.startsWith("at ")) {
          break;
        }
      }
    } finally {
      child.destroyForcibly();
    }
    assertThat(child.waitFor(30, TimeUnit.SECONDS)).isTrue();
    assertThat(said).as(Files.readString(errors)).isNotEmpty();
    assertThat(child.exitValue()).isEqualTo(said.getLast().equals("done") ? 0 : 128 + 9);
    return said;
  }

  /** As the control plane starts: the keyset is proved, then what was cut off goes on. */
  private void startAgain(String old) {
    KeysetFile keyring = KeysetFile.openOrCreate(keyset, true);
    SealProof.prove(database.someOfEachKek(), new SecretOpener(envelope(keyring), trail));
    KekRotation rotation = rotation(keyring);
    if (keyring.kekIds().size() > 1) {
      rotation.proceed(ACTOR);
    }
    if (keyring.kekId().equals(old)) {
      rotation.rotate(ACTOR); // it had not begun: whoever asked for it asks again
    }
  }

  private String killedAt(int at, boolean afterwards, Map<String, String> values) throws Exception {
    String old = KeysetFile.openOrCreate(keyset, true).kekId();
    String last = child(at, afterwards).getLast();
    String place = (afterwards ? "after step " : "before step ") + at + " " + last;
    assertThat(readable()).as("killed %s", place).isEqualTo(values);
    startAgain(old);
    assertThat(readable()).as("started again %s", place).isEqualTo(values);
    nothingIsLeftOf(old);
    assertThat(KeysetFile.openOrCreate(keyset, true).kekIds()).as(place).hasSize(1);
    assertThat(rowsUnder(old)).as(place).isZero();
    return last;
  }

  private long rowsUnder(String kek) throws Exception {
    try (var superuser = TestPostgres.superuserOf(address);
        var statement =
            superuser.prepareStatement("select count(*) from secret_version where kek_id = ?")) {
      statement.setString(1, kek);
      try (var rows = statement.executeQuery()) {
        rows.next();
        return rows.getLong(1);
      }
    }
  }

  private List<String> steps() throws Exception {
    // The first begins chains of the audit record; from then on every rotation takes the same
    // steps.
    child(0, false);
    List<String> said = child(0, false);
    assertThat(said.getLast()).isEqualTo("done");
    List<String> steps = said.subList(0, said.size() - 1);
    assertThat(steps)
        .contains("keyset.json: move", "keyset.json.new: write", "keyset.json.new: flush", "commit")
        .anyMatch(it -> it.startsWith("update secret_version set kek_id"))
        .anyMatch(it -> it.startsWith("insert into kek (id, live)"))
        .anyMatch(it -> it.startsWith("insert into audit_entry"))
        .hasSizeGreaterThan(50);
    return steps;
  }

  @Test
  void K05_F34_processKilledAtAFewSteps_losesNothing_andTheNextStartLeavesNoOldKey()
      throws Exception {
    Map<String, String> values = readable();
    List<String> steps = steps();
    Map<String, Integer> kinds = new LinkedHashMap<>();
    for (int at = 1; at <= steps.size(); at++) {
      kinds.putIfAbsent(steps.get(at - 1), at);
    }
    List<Integer> first = List.copyOf(kinds.values());
    for (int i = 0; i < FEW; i++) {
      int at = first.get(i * first.size() / FEW);
      assertThat(killedAt(at, i % 2 == 0, values)).isEqualTo("at " + steps.get(at - 1));
    }
  }

  @Test
  @Tag("slow")
  void K05_F34_processKilledBeforeAndAfterEveryStep_losesNothing_andTheNextStartLeavesNoOldKey()
      throws Exception {
    Map<String, String> values = readable();
    List<String> steps = steps();
    for (boolean afterwards : new boolean[] {false, true}) {
      for (int at = 1; at <= steps.size(); at++) {
        assertThat(killedAt(at, afterwards, values)).isEqualTo("at " + steps.get(at - 1));
      }
    }
    System.out.printf(
        "kek rotation: killed before and after each of %d steps, %d kills, nothing lost%n",
        steps.size(), 2 * steps.size());
  }
}
