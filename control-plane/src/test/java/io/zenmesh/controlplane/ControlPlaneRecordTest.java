package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.cli.ZenctlRun;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What a running process puts on record, and how the command line reads it. */
class ControlPlaneRecordTest extends ControlPlaneFixture {
  @Test
  void whoConnectsWhatChangesAndWhatIsRefused_isOnRecord() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      try (Processor processor = refusing(ports)) {
        processor.await(it -> !it.policies().isEmpty());
      }
      applyOneMore(ports);
    }
    assertThat(onRecord("system"))
        .startsWith("control-plane process.start process/control-plane done ")
        .endsWith("control-plane process.stop process/control-plane done ")
        .contains(
            "control-plane mesh.publish mesh/stored done ",
            PROCESSOR.spiffePath() + " node.connect xds/control-plane allowed ",
            PROCESSOR.spiffePath() + " node.disconnect xds/control-plane done ")
        .anyMatch(it ->
            it.startsWith(PROCESSOR.spiffePath() + " node.reject xds/") && it.endsWith("test: no"))
        .anyMatch(it -> it.matches("mesh-file mesh.apply mesh/mesh.yaml done \\d+_changes"))
        .anyMatch(it -> it.matches(".*/operator/admin mesh.apply mesh/other.yaml done 1_changes"));
    assertThat(onRecord("acme"))
        .contains("mesh-file mesh.added endpoint/acme/zen done ")
        .anyMatch(it -> it.matches(".*/operator/admin mesh.added endpoint/acme/added done "));
    assertThat(onRecord("globex")).noneMatch(it -> it.contains("acme"));
  }

  @Test
  void record_isListedExportedAndVerifiedByTheCommandLine() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      controlPlane.start();
    }
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      ZenctlRun list = zenctl(ports.api(), "/operator/admin", "audit", "list", "--tenant", "acme");
      assertThat(list.err()).isEmpty();
      assertThat(list.out()).contains("mesh.added").contains("endpoint/acme/zen");
      ZenctlRun tail = zenctl(ports.api(), "/operator/admin", "audit", "tail", "--rounds", "1");
      assertThat(tail.out()).contains("mesh.publish");

      Path export = home.resolve("acme.jsonl.gz");
      Path note = home.resolve("note");
      Path key = home.resolve("key");
      String[] exporting = {"audit", "export", "--tenant", "acme", "--out", export.toString()};
      assertThat(zenctl(ports.api(), "/operator/admin", exporting).err()).isEmpty();
      assertThat(zenctl(ports.api(), "/operator/admin", exporting).exitCode()).isEqualTo(2);
      Files.writeString(note, zenctl(ports.api(), "/operator/admin", "audit", "checkpoint").out());
      Files.writeString(
          key, zenctl(ports.api(), "/operator/admin", "audit", "checkpoint", "--key").out());
      ZenctlRun verified =
          zenctl(
              ports.api(),
              "/operator/admin",
              "audit",
              "verify",
              "--export",
              export.toString(),
              "--from-checkpoint",
              note.toString(),
              "--key",
              key.toString());
      assertThat(verified.err()).isEmpty();
      assertThat(verified.out()).contains("whole: ").contains("1 checkpoints agree");

      ZenctlRun later =
          zenctl(
              ports.api(),
              "/operator/admin",
              "audit",
              "checkpoint",
              "--since",
              note.toString(),
              "--trusted-key",
              key.toString());
      assertThat(later.err()).isEmpty();
      assertThat(SignedCheckpoint.parse(later.out()).size())
          .isGreaterThanOrEqualTo(SignedCheckpoint.parse(Files.readString(note)).size());
    }
  }
}
