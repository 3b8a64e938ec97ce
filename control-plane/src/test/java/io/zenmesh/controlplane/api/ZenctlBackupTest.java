package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.controlplane.tenant.Role;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** zenctl's sealed backups against the whole API. */
@ExtendWith(PostgresExtension.class)
class ZenctlBackupTest {
  private static final String PASSPHRASE = "canary-passphrase";
  private static final String VALUE = "canary-value-one";

  @TempDir Path folder;
  private TestApi api;
  private Path config;
  private Path passphrase;

  @BeforeEach
  void start() throws IOException {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    config = connected(folder, api);
    passphrase = secretFile("passphrase", PASSPHRASE + "\n");
    good("secret", "put", "partner", "--tenant", "acme", "--secret-file", value(VALUE));
  }

  @AfterEach
  void end() {
    api.close();
  }

  private static Path connected(Path folder, TestApi api) {
    Path config = folder.resolve("zenctl.yaml");
    ZenctlRun run =
        ZenctlRun.of(
            config,
            "context",
            "set",
            "admin",
            "--api",
            "https://127.0.0.1:" + api.port(),
            "--server",
            "spiffe://zen.test/control-plane",
            "--identity",
            api.identity("/operator/admin"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    return config;
  }

  private Path secretFile(String name, String text) throws IOException {
    Path file = folder.resolve(name);
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, text);
    return file;
  }

  private String value(String text) throws IOException {
    return secretFile("value", text).toString();
  }

  private String good(String... arguments) {
    return ran(0, arguments).out();
  }

  private ZenctlRun ran(int code, String... arguments) {
    ZenctlRun run = ZenctlRun.of(config, arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(code);
    assertThat(run.out() + run.err()).doesNotContain("canary");
    return run;
  }

  private Path exported() {
    Path file = folder.resolve("acme.backup");
    good(
        "secret",
        "export",
        "--tenant",
        "acme",
        "--out",
        file.toString(),
        "--passphrase-file",
        passphrase.toString());
    return file;
  }

  private ZenctlRun imported(int code, String tenant, Path file, String... more) {
    String[] arguments = {
      "secret",
      "import",
      "--tenant",
      tenant,
      file.toString(),
      "--passphrase-file",
      passphrase.toString()
    };
    String[] all = Arrays.copyOf(arguments, arguments.length + more.length);
    System.arraycopy(more, 0, all, arguments.length, more.length);
    return ran(code, all);
  }

  @Test
  void backup_isAFileOfItsOwnersOnly_andShowsNothing() throws IOException {
    Path file = exported();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    assertThat(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1))
        .startsWith("zen-backup-1 ")
        .contains(" acme ")
        .doesNotContain("canary", "partner");
    assertThat(api.decisions.lines())
        .contains("secret.export tenant/acme DONE")
        .noneMatch(it -> it.contains("canary"));
    assertThat(imported(0, "acme", file).out()).contains("partner", "present");
    assertThat(
            ran(
                    2,
                    "secret",
                    "export",
                    "--tenant",
                    "acme",
                    "--out",
                    file.toString(),
                    "--passphrase-file",
                    passphrase.toString())
                .err())
        .contains("exists (expected: a new file)");
  }

  @Test
  void K09_anotherTenantOrInstallation_takesItOnlyWhenAsked() throws IOException {
    Path file = exported();
    assertThat(imported(1, "globex", file).err()).contains("backup_of_another_tenant");
    assertThat(imported(0, "globex", file, "--from-other-tenant", "--dry-run").out())
        .contains("would be restored");
    assertThat(good("secret", "list", "--tenant", "globex")).doesNotContain("partner");
    assertThat(imported(0, "globex", file, "--from-other-tenant").out())
        .contains("partner", "restored");
    assertThat(good("secret", "list", "--tenant", "globex")).contains("partner");

    Path elsewhere = Files.createDirectory(folder.resolve("elsewhere"));
    try (TestApi other = new TestApi(elsewhere, TestPostgres.freshDatabase())) {
      config = connected(elsewhere, other);
      assertThat(imported(1, "acme", file).err()).contains("backup_of_another_installation");
      assertThat(imported(0, "acme", file, "--from-other-tenant").out()).contains("restored");
      assertThat(imported(0, "acme", file, "--from-other-tenant").out())
          .contains("present")
          .doesNotContain("restored");
    }
  }

  @Test
  void K09_changedBytes_otherPassphrase_andOpenFiles_areRefused() throws IOException {
    Path file = exported();
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length - 20] ^= 4;
    Path changed = Files.write(folder.resolve("changed"), bytes);
    assertThat(imported(1, "acme", changed).err()).contains("value_backup_closed");
    secretFile("passphrase", "canary-of-another-passphrase");
    assertThat(imported(1, "acme", file).err()).contains("value_backup_closed");
    secretFile("passphrase", "canary");
    assertThat(imported(1, "acme", file).err()).contains("passphrase: 6 bytes");
    Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(imported(2, "acme", file).err()).contains("expected: rw-------");
    assertThat(imported(2, "acme", folder.resolve("nothing")).err()).contains("does not exist");
  }

  private HttpResponse<String> sent(Role role, String path, byte[] body) {
    return api.sendAnonymously(
        api.request("POST", path, Optional.empty())
            .method("POST", BodyPublishers.ofByteArray(body))
            .header("Content-Type", "application/octet-stream")
            .header("Authorization", "Bearer " + api.token("acme", role)));
  }

  @Test
  void K09_H01_onlyWhoMaySeeAll_exports() {
    byte[] phrase = PASSPHRASE.getBytes(StandardCharsets.US_ASCII);
    String export = "/v1/tenants/acme/backups/export";
    assertThat(sent(Role.OWNER, export, phrase).statusCode()).isEqualTo(201);
    assertThat(sent(Role.ADMIN, export, phrase).statusCode()).isEqualTo(403);
    assertThat(sent(Role.EDITOR, export, phrase).statusCode()).isEqualTo(403);
    assertThat(sent(Role.EDITOR, "/v1/tenants/acme/backups/import", phrase).statusCode())
        .isEqualTo(403);
    assertThat(sent(Role.OWNER, "/v1/tenants/globex/backups/export", phrase).statusCode())
        .isEqualTo(404);
  }

  @Test
  void K09_H01_bodyCutShort_orRecordFull_changesNothing() {
    String path = "/v1/tenants/acme/backups/import";
    for (byte[] body : new byte[][] {{1}, {0, 9, 1}, {-1, -1, 7}}) {
      HttpResponse<String> refused = sent(Role.OWNER, path, body);
      assertThat(refused.statusCode()).as(refused.body()).isEqualTo(400);
    }
    String owner = api.token("acme", Role.OWNER);
    assertThat(api.with(owner, "POST", path + "?dryRun=maybe").statusCode()).isEqualTo(400);
    api.decisions.full = true;
    assertThat(
            sent(
                    Role.OWNER,
                    "/v1/tenants/acme/backups/export",
                    PASSPHRASE.getBytes(StandardCharsets.US_ASCII))
                .statusCode())
        .isEqualTo(503);
  }
}
