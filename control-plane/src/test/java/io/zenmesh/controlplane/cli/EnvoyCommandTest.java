package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class EnvoyCommandTest {
  private static final Path EXAMPLES =
      Path.of("../envoy-config/src/main/resources/io/zenmesh/envoyconfig/standalone");

  @TempDir private Path folder;
  private Path endpoints;

  @BeforeEach
  void copyExample() throws IOException {
    endpoints = folder.resolve("endpoints.yaml");
    Files.copy(EXAMPLES.resolve("endpoints.yaml"), endpoints);
  }

  private ZenctlRun run(String... arguments) {
    List<String> all = new ArrayList<>(List.of("envoy"));
    all.addAll(List.of(arguments));
    return ZenctlRun.of(Map.of("PATH", folder.toString()), all.toArray(String[]::new));
  }

  private Path file(String text) throws IOException {
    return Files.writeString(folder.resolve("envoy.yaml"), text);
  }

  @ParameterizedTest
  @CsvSource({
    "static, envoy.yaml",
    "snippet, http-filters.yaml",
    "snippet, early-header-mutation.yaml",
    "snippet, virtual-hosts.yaml",
    "snippet, cluster-uds.yaml",
    "snippet, clusters-upstream.yaml"
  })
  void render_printsTheExamples(String mode, String example) throws IOException {
    ZenctlRun run = run("render", "--mode", mode, "-f", endpoints.toString());
    assertThat(run.err()).isEmpty();
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).contains(Files.readString(EXAMPLES.resolve(example)));
  }

  @ParameterizedTest
  @CsvSource({
    "snippet, cluster-mtls.yaml",
    "static, envoy-mtls.yaml",
    "envoy-gateway, envoy-gateway.yaml",
    "istio, istio.yaml"
  })
  void render_overMutualTls_printsTheExamples(String mode, String example) throws IOException {
    ZenctlRun run =
        run(
            "render",
            "--mode=" + mode,
            "-f" + endpoints,
            "--mtls=extproc.zen.svc:9000",
            "--processor-id=spiffe://zen.example/extproc");
    assertThat(run.err()).isEmpty();
    assertThat(run.out()).contains(Files.readString(EXAMPLES.resolve(example)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "render -f %s",
        "render --mode other -f %s",
        "render --mode snippet",
        "render --mode snippet -f nowhere.yaml",
        "render --mode snippet -f %s --mtls x:1",
        "render --mode snippet -f %s --mtls x --processor-id spiffe://a/b",
        "render --mode snippet -f %s --socket /x --mtls x:1 --processor-id spiffe://a/b",
        "render --mode envoy-gateway -f %s --gateway eg",
        "render --mode istio -f %s --istio-gateway a/b/c",
        "lint",
        "lint nowhere.yaml",
        "lint %s -o xml",
        "lint %s -f nowhere.yaml",
        "validate",
        "validate nowhere.yaml",
        ""
      })
  void wrongUsage_endsWithTwo(String line) {
    String[] words =
        line.isEmpty() ? new String[0] : line.replace("%s", endpoints.toString()).split(" ", -1);
    ZenctlRun run = run(words);
    assertThat(run.exitCode()).as(run.out() + run.err()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void render_badFile_saysEveryProblem() throws IOException {
    Files.writeString(
        endpoints,
        Files.readString(endpoints).replace("scheme: zen", "scheme: zem").replace("80", "x80"));
    ZenctlRun run = run("render", "--mode", "snippet", "-f", endpoints.toString());
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err().lines())
        .anyMatch(line -> line.startsWith(endpoints + ":") && line.contains("did you mean zen?"))
        .hasSizeGreaterThan(1);
    assertThat(run.out()).isEmpty();
  }

  @Test
  void render_withoutAWay_saysWhatIsMissing() throws IOException {
    Files.writeString(
        endpoints,
        "listen: /x.sock\nreplay: {memory: {}}\nendpoints:\n"
            + "  - {tenant: a, name: b, scheme: zen, secrets: [{env: X}]}\n");
    ZenctlRun run = run("render", "--mode", "static", "-f", endpoints.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("no endpoint to render (expected: host, path and destination");
  }

  @Test
  void E14_lint_goodFile_isSilent() {
    ZenctlRun run = run("lint", EXAMPLES.resolve("envoy.yaml").toString());
    assertThat(run.exitCode()).isZero();
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).isEmpty();
  }

  @Test
  void E14_lint_openFile_saysPlaceAndFix_andEndsWithOne() throws IOException {
    Path open =
        file(
            Files.readString(EXAMPLES.resolve("envoy.yaml"))
                .replace("message_timeout: \"1s\"", "failure_mode_allow: true"));
    ZenctlRun table = run("lint", open.toString());
    assertThat(table.exitCode()).isEqualTo(1);
    assertThat(table.out().lines())
        .anySatisfy(line ->
            assertThat(line)
                .startsWith(open + ":")
                .contains("failure_mode_allow: is true (expected: false); fix: "));
    ZenctlRun json = run("lint", open.toString(), "-o", "json");
    assertThat(json.exitCode()).isEqualTo(1);
    JsonNode report = JsonMapper.builder().build().readTree(json.out());
    assertThat(report.get("findings"))
        .anySatisfy(finding -> {
          assertThat(finding.get("path").asString()).endsWith("failure_mode_allow");
          assertThat(finding.get("line").asInt()).isPositive();
          assertThat(finding.get("fix").asString()).isNotEmpty();
        });
  }

  @Test
  void E14_lint_ofADryRun_dependsOnTheEndpointsFile() throws IOException {
    String enforced = Files.readString(endpoints);
    Files.writeString(
        endpoints, enforced.replaceFirst("path: /orders", "path: /orders\n    enforce: false"));
    Path rendered = file(run("render", "--mode", "static", "-f", endpoints.toString()).out());

    ZenctlRun unknown = run("lint", rendered.toString());
    assertThat(unknown.exitCode()).isEqualTo(1);
    assertThat(unknown.out().lines())
        .singleElement()
        .asString()
        .contains("(expected: only where the endpoints file says enforce: false)")
        .contains("zenctl envoy lint FILE -f endpoints.yaml");

    ZenctlRun known = run("lint", rendered.toString(), "-f", endpoints.toString());
    assertThat(known.out() + known.err()).isEmpty();
    assertThat(known.exitCode()).isZero();

    Files.writeString(endpoints, enforced);
    ZenctlRun other = run("lint", rendered.toString(), "--file", endpoints.toString());
    assertThat(other.exitCode()).isEqualTo(1);
    assertThat(other.out()).contains("say enforce: false of this endpoint");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "# nothing\n", "a: [", "{\"a\":", "a: b: c", "a\0b"})
  void lint_ofWhatCannotBeRead_saysWhy_andEndsWithTwo(String text) throws IOException {
    ZenctlRun run = run("lint", file(text).toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("envoy.yaml:").contains("(expected: ");
  }

  @Test
  void lint_ofAFileWithoutEnd_endsWithTwo() {
    ZenctlRun run = run("lint", "/dev/zero");
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.err()).contains("/dev/zero: not text");
  }

  @Test
  void lint_readsNoMoreThanTheLimit() throws IOException {
    Path file = file("0123456789");
    assertThat(EnvoyLintCommand.read(file, 10)).isEqualTo("0123456789");
    assertThat(catchThrowable(() -> EnvoyLintCommand.read(file, 9)))
        .isInstanceOf(CliException.class)
        .hasMessage(file + ": too large (expected: at most 9 characters)");
  }

  @Test
  void lint_badEndpointsFile_saysItsProblems_andEndsWithTwo() throws IOException {
    Files.writeString(endpoints, Files.readString(endpoints).replace("scheme: zen", "scheme: zem"));
    ZenctlRun run =
        run("lint", EXAMPLES.resolve("envoy.yaml").toString(), "-f", endpoints.toString());
    assertThat(run.exitCode()).isEqualTo(2);
    assertThat(run.out()).isEmpty();
    assertThat(run.err()).contains("did you mean zen?");
  }

  @Test
  void lint_help_tellsOfTheEndpointsFile() {
    assertThat(run("lint", "--help").out())
        .contains("-f, --file=ENDPOINTS")
        .contains("enforce: false");
  }

  private void envoy(String script) throws IOException {
    Path envoy = Files.writeString(folder.resolve("envoy"), "#!/bin/sh\n" + script + "\n");
    Files.setPosixFilePermissions(envoy, PosixFilePermissions.fromString("rwx------"));
  }

  @Test
  void validate_asksTheEnvoyOnPath() throws IOException {
    Path bootstrap = file("{}");
    envoy("echo \"$@\" >&2; exit 0");
    ZenctlRun valid = run("validate", bootstrap.toString());
    assertThat(valid.exitCode()).isZero();
    assertThat(valid.out()).isEqualTo(bootstrap + ": valid\n");
    assertThat(valid.err()).contains("--mode validate", "--config-path " + bootstrap);
    envoy("echo 'unknown field'; exit 1");
    ZenctlRun bad = run("validate", bootstrap.toString());
    assertThat(bad.exitCode()).isEqualTo(1);
    assertThat(bad.err()).contains("unknown field");
    assertThat(bad.out()).isEmpty();
  }

  @Test
  void validate_withoutAnEnvoy_namesTheWays() {
    assertThat(catchThrowable(() -> EnvoyValidateCommand.find(Map.of("PATH", "/nowhere"), folder)))
        .isInstanceOf(CliException.class)
        .hasMessageContaining("ENVOY_BIN=/path/to/envoy, envoy on PATH, or " + folder);
  }

  /** The page a newcomer pastes from must not be wrong. */
  @ParameterizedTest
  @ValueSource(strings = {"../README.md", "../docs/standalone.md"})
  void commandsOfThePages_run(String page) throws IOException {
    Files.copy(EXAMPLES.resolve("envoy.yaml"), folder.resolve("envoy.yaml"));
    envoy("exit 0");
    List<String> commands =
        Files.readString(Path.of(page))
            .lines()
            .filter(line -> line.startsWith("./zen ctl envoy "))
            .map(line -> line.replaceAll(" +#.*", "").substring("./zen ctl envoy ".length()))
            .toList();
    assertThat(commands).hasSizeGreaterThanOrEqualTo(3);
    for (String command : commands) {
      String here =
          command
              .replace("endpoints.yaml", endpoints.toString())
              .replace(" envoy.yaml", " " + folder.resolve("envoy.yaml"));
      ZenctlRun run = run(here.split(" ", -1));
      assertThat(run.exitCode()).as(command + ": " + run.out() + run.err()).isZero();
    }
  }
}
