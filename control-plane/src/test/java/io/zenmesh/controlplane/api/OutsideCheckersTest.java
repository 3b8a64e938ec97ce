package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.outside.PyPiPrograms;
import io.zenmesh.controlplane.outside.PyPiPrograms.Ended;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
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

  @TempDir static Path folder;
  private static PyPiPrograms programs;

  @BeforeAll
  static void install() throws Exception {
    programs = PyPiPrograms.install(folder, Duration.ofMinutes(10), SCHEMATHESIS, PGRLS);
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
          programs.run(
              Map.of(),
              programs.path("st").toString(),
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
        programs.run(
            Map.of("DATABASE_URL", TestPostgres.superuserUrl(address)),
            programs.path("pgrls").toString(),
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
