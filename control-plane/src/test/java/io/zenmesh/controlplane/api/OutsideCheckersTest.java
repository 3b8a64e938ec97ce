package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Checkers that know nothing of us: schemathesis against the served contract, pgrls against the
 * migrated database. Installed from PyPI by this test; skipped, with the reason, where that is not
 * possible.
 */
@Tag("slow")
@ExtendWith(PostgresExtension.class)
class OutsideCheckersTest {
  private static final String SCHEMATHESIS = "schemathesis==4.32.5";
  private static final String PGRLS = "pgrls==0.57.1";
  private static final long PATIENCE_SECONDS = 600;

  @TempDir static Path folder;
  private static Path programs;

  private record Ended(int status, String output) {}

  @BeforeAll
  static void install() throws Exception {
    Path home = folder.resolve("venv");
    Ended venv = run(Map.of(), "python3", "-m", "venv", home.toString());
    programs = home.resolve("bin");
    Ended pip =
        venv.status() == 0
            ? run(
                Map.of(),
                programs.resolve("pip").toString(),
                "install",
                "--quiet",
                "--disable-pip-version-check",
                SCHEMATHESIS,
                PGRLS)
            : venv;
    if (pip.status() != 0) {
      String reason = "SKIPPED, nothing was checked: " + SCHEMATHESIS + ", " + PGRLS + ": ";
      System.err.println(reason + pip.output());
      abort(reason + pip.output());
    }
  }

  private static Ended run(Map<String, String> environment, String... command)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "output", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile());
    builder.environment().putAll(environment);
    Process process;
    try {
      process = builder.start();
    } catch (IOException e) {
      return new Ended(127, String.valueOf(e.getMessage()));
    }
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return new Ended(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
  }

  private static String resource(String name) throws IOException {
    try (InputStream stream =
        Objects.requireNonNull(
            OutsideCheckersTest.class.getResourceAsStream("/checkers/" + name))) {
      return Files.write(folder.resolve(name), stream.readAllBytes()).toString();
    }
  }

  @Test
  void schemathesis_findsNoBreachOfTheContract() throws Exception {
    try (TestApi api = new TestApi(folder, TestPostgres.freshDatabase())) {
      Path roots = folder.resolve("roots.pem");
      Files.writeString(roots, api.rootPem());
      Path operator = Path.of(api.identity("/operator/schemathesis"));
      String base = "https://127.0.0.1:" + api.port();
      Ended ended =
          run(
              Map.of(),
              programs.resolve("st").toString(),
              "--config-file",
              resource("schemathesis.toml"),
              "run",
              base + "/v1/openapi.yaml",
              "--tls-verify",
              roots.toString(),
              "--request-cert",
              operator.resolve("svid.pem").toString(),
              "--request-cert-key",
              operator.resolve("key.pem").toString(),
              "--checks",
              "not_a_server_error,status_code_conformance,content_type_conformance,"
                  + "response_headers_conformance,response_schema_conformance",
              "--phases",
              "examples,coverage,fuzzing",
              "--max-examples",
              "25",
              "--rate-limit",
              "200/s",
              "--seed",
              "20260105",
              "--no-color");
      assertThat(ended.status()).as(ended.output()).isZero();
    }
  }

  @Test
  void pgrls_findsNoError() throws Exception {
    PostgresAddress address = TestPostgres.freshDatabase();
    Ended ended =
        run(
            Map.of("DATABASE_URL", TestPostgres.superuserUrl(address)),
            programs.resolve("pgrls").toString(),
            "lint",
            "--config",
            resource("pgrls.toml"),
            "--fail-on",
            "error",
            "--min-severity",
            "error");
    assertThat(ended.status()).as(ended.output()).isZero();
  }
}
