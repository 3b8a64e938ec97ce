package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.KeysetFile;
import io.zenmesh.controlplane.mesh.TestMesh;
import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import io.zenmesh.xds.client.PolicySet;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What a process that ran before takes up again, and when it refuses to. */
class ControlPlaneRestartTest extends ControlPlaneFixture {
  @Test
  void restart_publishesTheStoredStateAndKeepsSecretVersions() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    try (ControlPlane again = controlPlane()) {
      ControlPlane.Ports ports = again.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        PolicySet told = processor.await(it -> it.keys().size() == 2);
        assertThat(told.keys().get(ref("acme", "zen"))).asString().contains("signing.1");
      }
    }
  }

  @Test
  void refusedMeshFileAtRestart_leavesTheStoredStateInForce() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    write("kind: Nonsense\n");
    try (ControlPlane again = controlPlane()) {
      ControlPlane.Ports ports = again.start();
      try (Processor processor = new Processor(issue(PROCESSOR.spiffePath()), ports.xds())) {
        processor.await(it -> it.policies().size() == 2 && it.keys().size() == 2);
        write(TestMesh.all() + TestMesh.endpoint("acme", "mended"));
        processor.await(it -> it.policies().containsKey(ref("acme", "mended")));
      }
    }
  }

  @Test
  void K04_lostOrStrangeKeyset_refusesToStart() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    Path keyset = home.resolve("keyset.json");
    byte[] good = Files.readAllBytes(keyset);
    Files.delete(keyset);
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("is missing and the database holds sealed secrets");
    assertThat(keyset).doesNotExist();

    KeysetFile.openOrCreate(keyset, false);
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("keyset: does not open secret");

    Files.write(keyset, good);
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
  }

  @Test
  void F16_databaseOlderThanItsCheckpoint_refusesToStart() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    PostgresAddress current = database;
    database = TestPostgres.freshDatabase();
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("audit")
        .hasMessageContaining("or an older copy of it (expected: restore the newest");
    database = current;
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
  }

  @Test
  void F16_lostCheckpoint_refusesToStartUnlessAccepted_whichIsOnRecord() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    Files.delete(home.resolve("audit").resolve("checkpoint"));
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("--accept-missing-checkpoint");
    acceptMissingCheckpoint = true;
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    assertThat(onRecord("system"))
        .anyMatch(it -> it.startsWith("control-plane audit.accept_missing_checkpoint audit/"));
  }

  @Test
  void K04_sealedKeyset_opensWithItsPassphraseOnly() throws Exception {
    Path passphrase = home.resolve("passphrase");
    Files.writeString(passphrase, "correct horse battery\n");
    Files.setPosixFilePermissions(passphrase, PosixFilePermissions.fromString("rw-------"));
    keysetPassphrase = Optional.of(passphrase);
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    keysetPassphrase = Optional.empty();
    assertThatThrownBy(() -> controlPlane().start())
        .isInstanceOf(StartException.class)
        .hasMessageContaining("does not open (expected: a Tink AEAD keyset in JSON)");
  }
}
