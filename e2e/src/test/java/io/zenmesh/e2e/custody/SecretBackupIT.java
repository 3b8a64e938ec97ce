package io.zenmesh.e2e.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.control.Zenctl;
import io.zenmesh.e2e.fixture.AdminApi;
import io.zenmesh.e2e.fixture.BothMeshes;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.DemoEndpoint;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A tenant whose mesh is lost goes on in another one, from its sealed backup. */
@ExtendWith(BothMeshes.class)
class SecretBackupIT {
  private static final DemoEndpoint ZEN = KeyedSender.endpoint("acme/zen");
  private static final Pattern RESTORED =
      Pattern.compile("(?m)^zen-key +[0-9]+ +restored +([0-9]+)");

  @TempDir Path folder;
  private final RunningMesh lost;
  private final RunningMesh other;
  private final KeyedSender sender;
  private final Path lostKey;
  private Path backup = Path.of("");
  private Path passphrase = Path.of("");

  SecretBackupIT(BothMeshes.Two meshes) {
    this.lost = meshes.shared();
    this.other = meshes.faulty();
    this.sender = new KeyedSender(other);
    this.lostKey = lost.mesh().files().secret(ZEN);
  }

  @BeforeEach
  void write() throws IOException {
    backup = folder.resolve("acme.backup");
    passphrase =
        Files.createFile(
            folder.resolve("passphrase"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(passphrase, "a passphrase of this test\n");
  }

  /** The other suites sign with the keys that their mesh began with. */
  @AfterEach
  void restore() throws IOException {
    try (AdminApi api = new AdminApi(other)) {
      for (DemoEndpoint endpoint : DemoEndpoint.ALL) {
        if (endpoint.tenant().equals(ZEN.tenant())) {
          var _ =
              api.done(
                  "PUT",
                  "/v1/tenants/acme/secrets/" + endpoint.name() + "-key",
                  Files.readString(other.mesh().files().secret(endpoint))
                      .strip()
                      .getBytes(StandardCharsets.US_ASCII));
        }
      }
    }
  }

  private Zenctl.Result backup(RunningMesh mesh, String verb, String... more) {
    List<String> words =
        Stream.concat(
                Stream.of(
                    "secret", verb, "--tenant", "acme", "--passphrase-file", passphrase.toString()),
                Stream.of(more))
            .toList();
    Zenctl.Result result = new Zenctl(mesh.state()).run(words.toArray(String[]::new));
    assertThat(result.out() + result.err()).doesNotContain("zenk1_", "whsec_");
    return result;
  }

  private String restored() {
    Zenctl.Result result = backup(other, "import", backup.toString(), "--from-other-tenant");
    assertThat(result.status()).as(result.err()).isZero();
    return result.out();
  }

  @Test
  void K09_backupOfALostMesh_letsItsSendersOnInAnother_butNotWithWhatWasRevokedThere()
      throws IOException {
    Zenctl.Result exported = backup(lost, "export", "--out", backup.toString());
    assertThat(exported.status()).as(exported.err()).isZero();
    assertThat(sender.toAll(ZEN, lostKey)).containsOnly(Optional.of(401));
    Zenctl.Result strange = backup(other, "import", backup.toString());
    assertThat(strange.status()).isOne();
    assertThat(strange.err()).contains("backup_of_another_installation");
    assertThat(sender.toAll(ZEN, lostKey)).containsOnly(Optional.of(401));

    Matcher line = RESTORED.matcher(restored());
    assertThat(line.find()).isTrue();
    assertThat(sender.toAll(ZEN, lostKey)).containsOnly(Optional.of(200));
    assertThat(sender.toAll(ZEN, other.mesh().files().secret(ZEN))).containsOnly(Optional.of(200));

    try (AdminApi api = new AdminApi(other)) {
      var _ =
          api.done(
              "POST",
              "/v1/tenants/acme/secrets/zen-key/versions/" + line.group(1) + "/revoke",
              new byte[0]);
    }
    assertThat(sender.toAll(ZEN, lostKey)).containsOnly(Optional.of(401));
    assertThat(restored()).containsPattern("(?m)^zen-key +[0-9]+ +ended").contains("present");
    assertThat(sender.toAll(ZEN, lostKey)).containsOnly(Optional.of(401));
  }
}
