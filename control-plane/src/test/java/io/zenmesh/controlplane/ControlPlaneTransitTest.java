package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.store.transit.FakeTransit;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole process with the key that wraps secrets in a transit engine. */
class ControlPlaneTransitTest extends ControlPlaneKmsFixture {
  private FakeTransit transit;

  @BeforeEach
  void engine() {
    transit = new FakeTransit(home);
    keys = Optional.of(new KeyPlace.Transit(transit.address("zen")));
  }

  @AfterEach
  void end() {
    transit.close();
  }

  @Test
  void F34_engineAway_opensAndSealsNothing_andWorksAgainWithIt() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      assertThat(put(ports, 5).exitCode()).isZero();
      transit.fail(503, 1_000);
      ZenctlRun refused = put(ports, 6);
      assertThat(refused.exitCode()).isOne();
      assertThat(refused.err()).contains("The keys that wrap secrets do not answer");
      transit.fail(503, 0);
      assertThat(put(ports, 6).exitCode()).isZero();
      ZenctlRun rotated = zenctl(ports.api(), "/operator/admin", "kek", "rotate");
      assertThat(rotated.out())
          .contains("kek transit:transit/zen:2 is current")
          .contains("destroyed [transit:transit/zen:1]");
    }
    try (ControlPlane again = controlPlane()) {
      ControlPlane.Ports ports = again.start();
      assertThat(zenctl(ports.api(), "/operator/admin", "kek", "status").out())
          .containsPattern("transit:transit/zen:2 +yes +yes +yes");
    }
    assertThat(home.resolve("keyset.json")).doesNotExist();
  }

  @Test
  void K04_otherKeyOrEngineAway_refusesToStart() {
    try (ControlPlane first = controlPlane()) {
      first.start();
    }
    transit.fail(503, 1_000);
    assertThatThrownBy(() -> controlPlane().start()).hasMessageStartingWith("kms_unavailable: ");
    transit.fail(503, 0);
    keys = Optional.of(new KeyPlace.Transit(transit.address("other")));
    assertThatThrownBy(() -> controlPlane().start()).hasMessageContaining("does not open secret");
  }
}
