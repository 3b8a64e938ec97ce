package io.zenmesh.e2e.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.store.transit.FakeTransit;
import io.zenmesh.e2e.fixture.AdminApi;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.ChildProcess;
import io.zenmesh.e2e.harness.ControlPlaneProcess;
import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.SecretFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** A mesh whose key-encryption key never leaves a transit engine. */
@ExtendWith(FaultyMesh.class)
class KekTransitIT {
  private static final DemoEndpoint ZEN = KeyedSender.endpoint("acme/zen");
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @TempDir Path folder;
  private final RunningMesh running;
  private final KeyedSender sender;
  private final FakeTransit transit;

  KekTransitIT(RunningMesh running) {
    this.running = running;
    this.sender = new KeyedSender(running);
    this.transit = running.transit().orElseThrow();
  }

  private void put(Path key) throws IOException {
    try (AdminApi api = new AdminApi(running)) {
      byte[] value = Files.readString(key).strip().getBytes(StandardCharsets.US_ASCII);
      var _ = api.done("PUT", "/v1/tenants/acme/secrets/zen-key", value);
    }
  }

  /** The other suites sign with the key that the mesh began with. */
  @AfterEach
  void restore() throws IOException {
    transit.comeBack();
    ControlPlaneProcess controlPlane = running.mesh().controlPlane();
    if (!controlPlane.process().isAlive()) {
      controlPlane.restart();
    }
    put(running.mesh().files().secret(ZEN));
  }

  @Test
  void F34_transitAway_refusesTheStart_whileWhatWasPutPasses_andNothingIsLost() throws Exception {
    Path key = folder.resolve("put.key");
    SecretFiles.provider(key, ZEN.kind());
    int asked = transit.asked();
    put(key);
    assertThat(transit.asked()).as("wrapped there").isGreaterThan(asked);
    assertThat(sender.toAll(ZEN, key)).containsOnly(Optional.of(200));
    assertThat(running.state().controlPlane().resolve("keyset.json")).doesNotExist();

    transit.leave();
    ControlPlaneProcess controlPlane = running.mesh().controlPlane();
    controlPlane.relaunch();
    ChildProcess refused = controlPlane.process();
    Eventually.holds("the start is refused", PATIENCE, () -> !refused.isAlive());
    assertThat(refused.exitStatus()).isNotEqualTo(Optional.of(0));
    assertThat(refused.output()).contains("kms_unreachable: ").doesNotContain("ready ");
    assertThat(sender.toAll(ZEN, key)).containsOnly(Optional.of(200));

    transit.comeBack();
    controlPlane.restart();
    assertThat(sender.toAll(ZEN, key)).containsOnly(Optional.of(200));
    put(running.mesh().files().secret(ZEN));
    // A put waits for the nodes that are connected, and they only come back one after the other.
    Eventually.holds(
        "the value before is refused",
        PATIENCE,
        () -> sender.toAll(ZEN, key).stream().allMatch(it -> it.equals(Optional.of(401))));
  }
}
