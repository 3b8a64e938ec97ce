package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** zenctl against the whole API. */
@ExtendWith(PostgresExtension.class)
class ZenctlResourcesTest {
  @TempDir Path folder;
  private TestApi api;
  private Path config;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    config = folder.resolve("zenctl.yaml");
    good(
        "context",
        "set",
        "admin",
        "--api",
        "https://127.0.0.1:" + api.port(),
        "--server",
        "spiffe://zen.test/control-plane",
        "--identity",
        api.identity("/operator/admin"));
  }

  @AfterEach
  void end() {
    api.close();
  }

  private String good(String... arguments) {
    ZenctlRun run = ZenctlRun.of(config, arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isZero();
    return run.out();
  }

  private String bad(int code, String... arguments) {
    ZenctlRun run = ZenctlRun.of(config, arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(code);
    return run.err() + run.out();
  }

  /** A context of a tenant's principal, by a token that zenctl made. */
  private void asEditor() throws IOException {
    good("principal", "put", "eve", "--tenant", "acme", "--role", "editor");
    Path token = folder.resolve("eve.token");
    Files.writeString(
        token, good("token", "create", "--tenant", "acme", "--principal", "eve", "--life", "1h"));
    Path bundle = folder.resolve("bundle.pem");
    Files.writeString(bundle, api.rootPem());
    good(
        "context",
        "set",
        "acme",
        "--api",
        "https://127.0.0.1:" + api.port(),
        "--server",
        "spiffe://zen.test/control-plane",
        "--token-file",
        "eve.token",
        "--bundle",
        "bundle.pem",
        "--tenant",
        "acme");
    good("context", "use", "acme");
  }

  @Test
  void contexts_areListedAndChosen() throws IOException {
    asEditor();
    assertThat(good("context", "list"))
        .containsPattern("\\* +acme +https://127.0.0.1:[0-9]+ +token +acme")
        .containsPattern("\n +admin +https");
    assertThat(good("get", "tenants", "--context", "admin")).contains("globex");
    assertThat(bad(1, "get", "tenants")).contains("answered 403: Your role does not allow this");
    assertThat(bad(2, "get", "tenants", "--context", "nobody"))
        .contains("context: nobody (expected: one of [admin, acme])");
  }

  @Test
  void get_showsEveryForm() {
    assertThat(good("get", "endpoints", "--tenant", "acme"))
        .isEqualToIgnoringNewLines(
            "NAME  URL                       SCHEME  DESTINATION"
                + "zen   hooks.acme.test/acme/zen  zen     target");
    assertThat(good("get", "endpoint", "zen", "--tenant", "acme", "-o", "wide"))
        .contains("edge-local", "[\"signing\"]", "yes");
    assertThat(good("get", "endpoint", "zen", "--tenant", "acme", "-o", "json"))
        .contains("\"kind\" : \"Endpoint\"");
    assertThat(good("get", "clusters", "--tenant", "system", "-o", "yaml"))
        .startsWith("---")
        .contains("name: \"edge-local\"");
    assertThat(good("describe", "destination", "target", "--tenant", "acme"))
        .startsWith("# version \"")
        .contains("caRef: \"target-ca\"");
    assertThat(bad(1, "get", "endpoint", "nothing", "--tenant", "acme"))
        .contains("there is nothing here, or it is not yours");
    assertThat(bad(2, "get", "nonsense", "--tenant", "acme")).contains("kind: nonsense");
    assertThat(bad(2, "get", "endpoint", "../../x", "--tenant", "acme"))
        .contains("name: malformed");
    assertThat(bad(2, "get", "endpoints")).contains("--tenant: missing");
  }

  @Test
  void diffAndApply_ofATenantsOwnDocuments() throws IOException {
    asEditor();
    Path mine = folder.resolve("mine.yaml");
    Files.writeString(mine, TestMesh.endpoint("acme", "zen"));
    assertThat(good("diff", "-f", mine.toString())).isEmpty();

    Files.writeString(
        mine,
        TestMesh.endpoint("acme", "zen")
            + "  tolerance: 60s\n"
            + TestMesh.endpoint("acme", "more"));
    String differences =
        """
        ~ endpoint acme/zen
            spec.tolerance: nothing -> "60s"
        + endpoint acme/more
        """;
    assertThat(bad(3, "diff", "-f", mine.toString())).isEqualTo(differences);
    assertThat(good("apply", "--dry-run", "-f", mine.toString())).startsWith(differences);
    assertThat(bad(3, "diff", "-f", mine.toString())).isEqualTo(differences);
    assertThat(good("apply", "-f", mine.toString()))
        .contains("changed endpoint acme/zen", "added endpoint acme/more");
    assertThat(good("diff", "-f", mine.toString())).isEmpty();

    assertThat(good("delete", "endpoint", "more", "--dry-run")).contains("would ask to remove");
    assertThat(good("secret", "list")).contains("signing");
    assertThat(good("key", "list")).contains("CLUSTER");
    assertThat(good("delete", "endpoint", "more")).contains("removed endpoint more");
    assertThat(bad(1, "delete", "endpoint", "more")).contains("not yours");
    assertThat(bad(1, "delete", "destination", "target"))
        .contains("answered 422", "Endpoint acme/zen: spec.destination: target");
  }

  @Test
  void apply_ofAnotherTenantsDocuments_isRefused() throws IOException {
    asEditor();
    Path theirs = folder.resolve("theirs.yaml");
    Files.writeString(theirs, TestMesh.endpoint("globex", "zen"));
    assertThat(bad(1, "apply", "-f", theirs.toString()))
        .contains("/v1/tenants/globex/endpoints/zen: there is nothing here, or it is not yours");
  }

  @Test
  void tokens_areMadeListedAndRevoked() throws IOException {
    asEditor();
    ZenctlRun made =
        ZenctlRun.of(
            config,
            "token",
            "create",
            "--context",
            "admin",
            "--tenant",
            "acme",
            "--principal",
            "eve",
            "--role",
            "viewer",
            "--life",
            "1m");
    assertThat(made.out().strip()).matches("zent_acme\\.[0-9a-f]{16}\\.[A-Za-z0-9_-]{43}");
    String id = made.out().split("\\.", -1)[1];
    assertThat(made.err()).contains(id).doesNotContain(made.out().strip());
    String list = good("token", "list", "--context", "admin", "--tenant", "acme", "-o", "wide");
    assertThat(list).contains(id, "eve", "viewer").doesNotContain("zent_");
    assertThat(good("token", "revoke", id, "--context", "admin", "--tenant", "acme"))
        .contains("revoked");
    assertThat(bad(2, "token", "create", "--tenant", "acme", "--principal", "x", "--life", "soon"))
        .contains("--life: soon (expected: such as 15m, 12h or 30d)");
    assertThat(bad(1, "token", "list")).contains("answered 403");
  }

  @Test
  void completion_isAScript() {
    assertThat(good("completion", "bash")).contains("complete -F _complete_zenctl");
    assertThat(good("completion", "zsh")).startsWith("autoload -U +X bashcompinit");
    assertThat(bad(2, "completion", "fish")).contains("fish");
  }
}
