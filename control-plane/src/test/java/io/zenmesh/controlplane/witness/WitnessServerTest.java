package io.zenmesh.controlplane.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.TestEvents;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WitnessServerTest extends WitnessFixture {
  private static void answers(HttpResponse<String> response, int status) {
    assertThat(response.statusCode()).as(response.body()).isEqualTo(status);
  }

  @Test
  void honestGrowth_isCosignedEachTime() throws IOException, InterruptedException {
    long old = 0;
    for (long size : new long[] {1, 2, 3, 64, 64, 100, 257, 300}) {
      HttpResponse<String> response = post(log.request(old, size));
      answers(response, 200);
      assertThat(cosigned(log.note(size), response.body())).hasValue(NOW);
      old = size;
    }
  }

  @Test
  void A17_fork_isRefused_andAnotherRootOfTheSameSizeToo()
      throws IOException, InterruptedException {
    GrowingLog fork = new GrowingLog(signer, 300, 50);
    answers(post(log.request(0, 100)), 200);
    answers(post(fork.request(100, 200)), 422);
    answers(post(fork.request(0, 200)), 409);
    answers(post(fork.request(100, 100)), 409);
    answers(post(AddCheckpoint.form(100, log.proof(100, 200), fork.note(200))), 422);
    answers(post(AddCheckpoint.form(100, List.of(), fork.note(200))), 422);
    answers(post(log.request(100, 200)), 200);
  }

  @Test
  void A17_rollback_isRefused_withTheSizeThatWasCosigned()
      throws IOException, InterruptedException {
    answers(post(log.request(0, 100)), 200);
    for (long old : new long[] {0, 30, 50}) {
      HttpResponse<String> response = post(log.request(old, 50));
      answers(response, 409);
      assertThat(response.body()).isEqualTo("100\n");
      assertThat(response.headers().firstValue("content-type")).hasValue("text/x.tlog.size");
    }
    answers(post(AddCheckpoint.form(100, log.proof(50, 100), log.note(50))), 400);
    answers(post(log.request(100, 101)), 200);
  }

  @Test
  void A17_restart_remembers_andTheStateIsACosignedCheckpoint()
      throws IOException, InterruptedException {
    answers(post(log.request(0, 100)), 200);
    stopWitness();
    String kept =
        Files.readString(folder.resolve("state").resolve(WitnessState.name(TestEvents.LOG)));
    assertThat(cosigned(kept, "")).hasValue(NOW);
    startWitness();
    answers(post(new GrowingLog(signer, 300, 50).request(100, 200)), 422);
    answers(post(log.request(0, 300)), 409);
    answers(post(log.request(100, 300)), 200);
  }

  @Test
  void A17_stateOfAnotherKeyOrDamaged_isRefusedAtStart() throws IOException, InterruptedException {
    answers(post(log.request(0, 100)), 200);
    stopWitness();
    Path file = folder.resolve("state").resolve(WitnessState.name(TestEvents.LOG));
    String kept = Files.readString(file);
    Files.writeString(file, kept.replace("\n100\n", "\n10\n"));
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("this key");
    Files.writeString(file, "");
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("damaged");
    Files.writeString(file, kept);
    startWitness();
  }

  @Test
  void stateInUse_isRefusedToASecondWitness() {
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("in use");
  }

  @Test
  void whatCannotBeRemembered_isNotCosigned() throws IOException, InterruptedException {
    answers(post(log.request(0, 100)), 200);
    Path blocked = folder.resolve("state").resolve(WitnessState.name(TestEvents.LOG) + ".new");
    Files.createDirectory(blocked);
    answers(post(log.request(100, 200)), 503);
    Files.delete(blocked);
    HttpResponse<String> again = post(log.request(0, 200));
    answers(again, 409);
    assertThat(again.body()).isEqualTo("100\n");
  }

  @Test
  void A17_whatIsOnDiskThoughItsWriteFailed_isNotContradicted()
      throws IOException, InterruptedException {
    answers(post(log.request(0, 100)), 200);
    String file = WitnessState.name(TestEvents.LOG);
    Path blocked = folder.resolve("state").resolve(file + ".new");
    Files.createDirectory(blocked);
    answers(post(log.request(100, 200)), 503);
    Files.delete(blocked);
    Path twin = folder.resolve("twin");
    try (Witness same = open(twin)) {
      same.add(log.request(0, 200).getBytes(StandardCharsets.UTF_8));
    }
    Files.copy(
        twin.resolve(file),
        folder.resolve("state").resolve(file),
        StandardCopyOption.REPLACE_EXISTING);
    HttpResponse<String> other = post(log.request(100, 150));
    answers(other, 409);
    assertThat(other.body()).isEqualTo("200\n");
  }

  @Test
  void wrongKeyAndUnknownOrigin_areRefused() throws IOException, InterruptedException {
    answers(post(new GrowingLog(signer(TestEvents.LOG), 300, 400).request(0, 100)), 403);
    String elsewhere = log.request(0, 100).replace(TestEvents.LOG, "zen.test/audit/other");
    answers(post(elsewhere), 404);
    answers(post(log.request(0, 100).replace("\n100\n", "\n101\n")), 403);
    answers(post(log.request(0, 100)), 200);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "\n",
        "\n\n",
        "old",
        "old 0\n\n",
        "old -1\n\n",
        "old 00\n\n",
        "old 99999999999999999999\n\n",
        "old 0\nnothash\n\n",
        "\u0000\u0001\n\n\u2014",
      })
  void garbage_isMalformed(String head) throws IOException, InterruptedException {
    answers(post(head), 400);
    answers(post(head + "x\n1\ny\n\n\u2014 x y\n"), 400);
  }

  @Test
  void notesThatAreNotOne_areMalformed() throws IOException, InterruptedException {
    String good = log.request(0, 100);
    answers(post(good + "\n"), 400);
    answers(post(good + log.note(100)), 400);
    answers(post(good.replaceFirst("\n\n", "\n\n\n")), 400);
    answers(post(good.replaceFirst("old 0", "old  0")), 400);
    answers(post(good.replaceFirst("old 0\n", "old 0\r\n")), 400);
    answers(
        post(good.replaceFirst("old 0\n", "old 0\n" + (("A".repeat(43) + "=\n").repeat(64)))), 400);
    answers(post(BodyPublishers.ofByteArray(new byte[] {(byte) 0xff, '\n', '\n'})), 400);
  }

  @Test
  void hugeBody_isRefused_declaredOrNot() throws IOException, InterruptedException {
    byte[] huge = new byte[AddCheckpoint.MAX_BYTES + 1];
    answers(post(BodyPublishers.ofByteArray(huge)), 413);
    answers(post(BodyPublishers.ofInputStream(() -> new ByteArrayInputStream(huge))), 413);
    answers(post(BodyPublishers.ofByteArray(new byte[AddCheckpoint.MAX_BYTES])), 400);
  }

  /** Two logs that part after 100 race for the witness: at most one of them ever gets ahead. */
  @Test
  void A17_concurrentPosts_neverCosignBothSidesOfAFork() throws Exception {
    GrowingLog fork = new GrowingLog(signer, 300, 101);
    answers(post(log.request(0, 100)), 200);
    List<Callable<String>> calls = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      GrowingLog side = i % 2 == 0 ? log : fork;
      calls.add(() -> {
        HttpResponse<String> response = post(side.request(100, 200));
        return response.statusCode() == 200 ? side.note(200) : "";
      });
    }
    Set<String> cosigned = new HashSet<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      for (Future<String> each : threads.invokeAll(calls)) {
        cosigned.add(each.get());
      }
    }
    cosigned.remove("");
    assertThat(cosigned).hasSize(1);
  }

  @Test
  void withoutIdentity_onlyLoopbackIsListenedOn() throws IOException {
    stopWitness();
    try (Witness witness = open()) {
      assertThatThrownBy(() ->
              new WitnessServer(new InetSocketAddress("0.0.0.0", 0), Optional.empty(), witness))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageContaining("loopback");
    }
  }
}
