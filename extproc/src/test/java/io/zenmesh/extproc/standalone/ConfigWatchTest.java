package io.zenmesh.extproc.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigWatchTest {
  @TempDir private Path directory;
  private ConfigFolder config;

  @BeforeEach
  void write() throws IOException {
    config = new ConfigFolder(directory);
  }

  private List<String> problems() {
    try {
      return List.of("good: " + config.read().config());
    } catch (UnusableConfigException e) {
      return String.valueOf(e.getMessage()).lines().toList();
    }
  }

  @Test
  void goodFile_isInForceAtOnce_withItsWarnings() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      assertThat(config.policies.current().orElseThrow().byRouteName())
          .containsOnlyKeys("acme/orders", "acme/payments")
          .allSatisfy((name, endpoint) -> assertThat(endpoint.hasKeys()).isTrue());
      assertThat(config.outcomes).containsExactly("taken");
      assertThat(watch.state()).isEqualTo("the file is in force");
    }
    assertThat(config.read().warnings())
        .containsExactly(
            config.file()
                + ":12:35: endpoints[1].secrets[0]: "
                + directory.resolve("mounted/payments")
                + ": everyone may read it (expected: mode 0600, or 0640 with a group)");
  }

  @Test
  void allProblemsOfSecrets_areToldAtOnce() throws IOException {
    Files.delete(directory.resolve("orders"));
    config.mount("2", "");
    config.config(ConfigFolder.GOOD.replace("PAYMENTS_NEXT", "NOT_SET"));
    String at = config.file() + ":";
    assertThat(problems())
        .containsExactly(
            at + "7:22: endpoints[0].secrets[0]: missing (expected: a file of this name)",
            at
                + "12:35: endpoints[1].secrets[0]: "
                + directory.resolve("mounted/payments")
                + ": empty (expected: a secret)",
            at
                + "13:15: endpoints[1].secrets[1]: not set (expected: an environment variable that is"
                + " set)");
  }

  @Test
  void secretsInThePlaceOfTheirNames_areNotRepeated() throws IOException {
    config.config(
        ConfigFolder.GOOD
            .replace("{file: orders}", "{file: hunter2/c2VjcmV0}")
            .replace("PAYMENTS_NEXT", "hunter2")
            .replace("key: payments", "key: hunter2"));
    assertThat(problems()).hasSize(3).noneMatch(line -> line.contains("hunter2"));
  }

  @ParameterizedTest
  @CsvSource({
    "rw-r--r--, everyone may read it (expected: mode 0600)",
    "rw-----w-, everyone may write it",
    "rw-rw-rw-, everyone may write it"
  })
  void fileThatEveryoneMayOpen_isRefused(String mode, String said) throws IOException {
    var _ = config.secret("orders", ConfigFolder.ZEN_KEY, mode);
    assertThat(problems()).singleElement().asString().contains(said.replaceAll("\\)$", ""));
  }

  @ParameterizedTest
  @CsvSource({"rw-------", "rw-r-----", "r--------", "r--r-----"})
  void fileOfOwnerAndGroup_isRead(String mode) throws Exception {
    var _ = config.secret("orders", ConfigFolder.ZEN_KEY, mode);
    assertThat(config.read().config().endpoints()).hasSize(2);
  }

  @Test
  void mountedFileThatEveryoneMayWrite_isRefused() throws IOException {
    var _ = config.secret("mounted/..v1/payments", "whsec_first", "rw-r--rw-");
    assertThat(problems()).singleElement().asString().contains("everyone may write it");
  }

  @Test
  void secretThatDoesNotSuitItsScheme_isRefusedAtItsPlace_andNotRepeated() throws IOException {
    var _ = config.secret("orders", "hunter2", "rw-------");
    assertThat(problems())
        .singleElement()
        .asString()
        .startsWith(config.file() + ":7:22: endpoints[0].secrets[0]: orders does not suit zen: ")
        .doesNotContain("hunter2");
  }

  @Test
  void forgetfulMemory_isWarnedOf() throws Exception {
    config.config(ConfigFolder.GOOD.replace("scheme: stripe", "scheme: github"));
    assertThat(config.read().warnings())
        .anyMatch(line ->
            line.contains(
                "endpoints[1].onStoreLoss: refuse with replay in memory: scheme github"
                    + " signs no time"));
    config.config(
        ConfigFolder.GOOD.replace("scheme: stripe", "scheme: github\n    onStoreLoss: accept"));
    assertThat(config.read().warnings()).noneMatch(line -> line.contains("onStoreLoss"));
  }

  @Test
  void missingFile_isOneProblem() throws IOException {
    Files.delete(config.file());
    assertThat(problems())
        .containsExactly(
            config.file()
                + ":1:1: "
                + config.file()
                + ": cannot be read (expected: a readable file of at most 4194304 characters)");
  }

  @Test
  void change_isTakenUp_whenTwoLooksSawTheSame() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      config.config(ConfigFolder.GOOD.replace("name: orders", "name: orders-too"));
      watch.look();
      assertThat(config.generation()).as("after one look").isEqualTo(1);
      watch.look();
      assertThat(config.policies.current().orElseThrow().byRouteName())
          .containsOnlyKeys("acme/orders-too", "acme/payments");
      watch.look();
      watch.look();
      assertThat(config.generation()).as("unchanged since").isEqualTo(2);
      assertThat(config.outcomes).containsExactly("taken", "taken");
    }
  }

  @Test
  void swappedDirectory_isTakenUp() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      config.mount("2", "whsec_second");
      watch.look();
      watch.look();
      assertThat(config.generation()).isEqualTo(2);
      config.mount("3", "whsec_second");
      watch.look();
      watch.look();
      assertThat(config.generation()).as("another directory of the same content").isEqualTo(2);
    }
  }

  @Test
  void badChange_leavesWhatIsInForce_andIsSaidOnce() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      config.config(ConfigFolder.GOOD.replace("scheme: stripe", "scheme: stripy"));
      for (int i = 0; i < 4; i++) {
        watch.look();
      }
      assertThat(config.generation()).isEqualTo(1);
      assertThat(config.outcomes).containsExactly("taken", "refused");
      assertThat(watch.state())
          .startsWith("the changed file is refused, the one before is in force: ")
          .contains("stripy: unknown, did you mean stripe?");
      config.config(ConfigFolder.GOOD);
      watch.look();
      watch.look();
      assertThat(config.outcomes).containsExactly("taken", "refused", "taken");
      assertThat(watch.state()).isEqualTo("the file is in force");
    }
  }

  /** Keys that are in use must not be zeroed when a later look is thrown away. */
  @Test
  void keysInForce_stillOpen_afterManyLooks() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      config.config("bad");
      watch.look();
      watch.look();
      config.mount("2", "whsec_second");
      config.config(ConfigFolder.GOOD);
      for (int i = 0; i < 5; i++) {
        watch.look();
      }
      assertThat(config.policies.current().orElseThrow().byRouteName())
          .allSatisfy((name, endpoint) -> assertThat(endpoint.hasKeys()).isTrue());
      assertThat(config.outcomes).containsExactly("taken", "refused", "taken");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listen: /run/zen/extproc.sock | listen: /run/zen/other.sock | listen",
        "replay: {memory: {}} | replay: {redis: {address: \"r:1\", user: z, passwordFile: p,"
            + " identity: i}} | replay",
        "replay: {memory: {}} | replay: {memory: {}}\\nadmin: {address: 127.0.0.1:1} | admin"
      })
  void changeOfWhatIsSetAtTheStart_isRefused_withRestartNeeded(String from, String to, String key)
      throws Exception {
    try (ConfigWatch watch = config.watch()) {
      config.config(ConfigFolder.GOOD.replace(from, to.replace("\\n", "\n")));
      watch.look();
      watch.look();
      assertThat(config.outcomes).containsExactly("taken", "refused");
      assertThat(watch.state())
          .contains(key + ": changed, restart needed (expected: as at the start)");
    }
  }

  /** A task that throws is cancelled: no change would ever be taken up again. */
  @Test
  void errorInALook_isToldOnce_andTheNextLooksWork() throws Exception {
    var environment = config.environment;
    try (ConfigWatch watch = config.watch()) {
      config.environment =
          name -> {
            throw new OutOfMemoryError("hunter2");
          };
      watch.lookSafely();
      watch.lookSafely();
      assertThat(config.outcomes).containsExactly("taken", "refused");
      assertThat(watch.state())
          .isEqualTo(
              "the changed file is refused, the one before is in force: "
                  + config.file()
                  + ": not read: not enough memory (expected: a larger heap, -Xmx)");
      config.environment = environment;
      config.config(ConfigFolder.GOOD.replace("name: orders", "name: orders-too"));
      watch.lookSafely();
      watch.lookSafely();
      assertThat(config.outcomes).containsExactly("taken", "refused", "taken");
      assertThat(watch.state()).isEqualTo("the file is in force");
    }
  }

  @Test
  void pipeOrDevice_isNotReadAsDefinition() throws Exception {
    config.ownScheme(pipe());
    assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), this::problems))
        .containsExactly(
            config.file()
                + ":7:24: endpoints[0].definition.file: not a regular file (expected: a scheme in"
                + " YAML, at most 16384 characters)");
    config.ownScheme(Path.of("/dev/zero"));
    assertThat(assertTimeoutPreemptively(Duration.ofSeconds(20), this::problems))
        .singleElement()
        .asString()
        .contains("not a regular file");
  }

  @Test
  void pipeInPlaceOfTheFile_isRefused_andTheNextLooksWork() throws Exception {
    try (ConfigWatch watch = config.watch()) {
      Files.move(pipe(), config.file(), StandardCopyOption.REPLACE_EXISTING);
      assertTimeoutPreemptively(
          Duration.ofSeconds(20),
          () -> {
            watch.lookSafely();
            watch.lookSafely();
          });
      assertThat(watch.state()).contains("not a regular file (expected: a readable file");
      Files.delete(config.file());
      config.config(ConfigFolder.GOOD);
      watch.lookSafely();
      watch.lookSafely();
      assertThat(config.outcomes).containsExactly("taken", "refused", "taken");
    }
  }

  private Path pipe() throws IOException, InterruptedException {
    Path pipe = directory.resolve("pipe");
    assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
    return pipe;
  }

  @ParameterizedTest
  @CsvSource({"17407, 17407 characters", "70000, more than 65536 bytes", "0, empty"})
  void definitionOfAWrongLength_isRefusedAtItsPlace(int length, String said) throws Exception {
    Path definition = directory.resolve("own.yaml");
    Files.writeString(definition, "#".repeat(length));
    String line =
        config.file()
            + ":7:24: endpoints[0].definition.file: "
            + said
            + " (expected: a scheme in YAML, at most 16384 characters)";
    config.ownScheme(definition);
    assertThat(problems()).containsExactly(line);
    config.config(ConfigFolder.GOOD);
    try (ConfigWatch watch = config.watch()) {
      config.ownScheme(definition);
      watch.look();
      watch.look();
      assertThat(watch.state()).endsWith(": " + line);
    }
  }

  @Test
  void weaknessOfAnOwnScheme_isWarnedOf() throws Exception {
    Path definition = directory.resolve("own.yaml");
    Files.writeString(
        definition,
        """
        name: own
        title: Own
        docs: https://acme.test/webhooks
        weak: true
        signature: {header: X-Own, form: plain, algorithm: hmac-sha1, encoding: hex, key: text}
        content: "{body}"
        replay: {by: none}
        """);
    config.ownScheme(definition);
    assertThat(config.read().warnings())
        .anyMatch(line ->
            line.startsWith(
                config.file()
                    + ":7:24: endpoints[0].definition.file: 5:41: warning: signature.algorithm:"))
        .anyMatch(line -> line.contains("replay.by: no replay protection"));
  }

  @Test
  void password_isReadLikeASecret() throws IOException {
    Path file = config.secret("redis.password", "test-only", "rw-rw----");
    assertThat(ConfigWatch.password(file).length()).isEqualTo(9);
    Path open = config.secret("redis.open", "test-only", "rw-r--r--");
    assertThatThrownBy(() -> ConfigWatch.password(open))
        .hasMessageContaining("everyone may read it")
        .hasMessageNotContaining("test-only");
  }
}
