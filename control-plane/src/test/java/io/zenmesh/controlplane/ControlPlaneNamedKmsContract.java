package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.store.kms.KmsStandIn;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The whole process with the key that wraps secrets in a service that it is named to. */
abstract class ControlPlaneNamedKmsContract extends ControlPlaneKmsFixture {
  /** The service; the same within one test. */
  abstract KmsStandIn kms();

  /** Its keys, by their short names, the current one first. */
  abstract KeyPlace place(String key, String... former);

  @BeforeEach
  void choose() {
    keys = Optional.of(place("zen"));
  }

  @AfterEach
  void end() {
    kms().close();
  }

  @Test
  void F34_kmsAway_opensAndSealsNothing_andWorksAgainWithIt() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ControlPlane.Ports ports = controlPlane.start();
      assertThat(put(ports, 5).exitCode()).isZero();
      kms().breakDown(1_000);
      ZenctlRun refused = put(ports, 6);
      assertThat(refused.exitCode()).isOne();
      assertThat(refused.err()).contains("The keys that wrap secrets do not answer");
      kms().breakDown(0);
      assertThat(put(ports, 6).exitCode()).isZero();
    }
    assertThat(home.resolve("keyset.json")).doesNotExist();
  }

  @Test
  void K05_rotationThatKmsDoesNotDo_isRefused_andNotOnRecordAsDone() throws Exception {
    try (ControlPlane controlPlane = controlPlane()) {
      ZenctlRun refused = zenctl(controlPlane.start().api(), "/operator/admin", "kek", "rotate");
      assertThat(refused.exitCode()).isOne();
    }
    assertThat(onRecord("system"))
        .filteredOn(it -> it.contains(" kek.rotate kek/"))
        .hasSize(2)
        .anyMatch(it -> it.endsWith("/zen allowed "))
        .anyMatch(it -> it.endsWith("/zen failed kek_not_added"));
  }

  @Test
  void K04_otherKeyOrKmsAway_refusesToStart() {
    try (ControlPlane first = controlPlane()) {
      first.start();
    }
    kms().breakDown(1_000);
    assertThatThrownBy(() -> controlPlane().start()).hasMessageStartingWith("kms_unavailable: ");
    kms().breakDown(0);
    keys = Optional.of(place("other"));
    assertThatThrownBy(() -> controlPlane().start()).hasMessageContaining("does not open secret");
  }

  @Test
  void K05_formerKeyAtTheStart_isLetGoWhenNothingIsUnderIt() throws Exception {
    try (ControlPlane first = controlPlane()) {
      assertThat(put(first.start(), 5).exitCode()).isZero();
    }
    keys = Optional.of(place("other", "zen"));
    try (ControlPlane second = controlPlane()) {
      ControlPlane.Ports ports = second.start();
      String status = "";
      for (int i = 0; i < 100 && !status.matches("(?s).*/zen +no +no +no.*"); i++) {
        Thread.sleep(100);
        status = zenctl(ports.api(), "/operator/admin", "kek", "status").out();
      }
      assertThat(status)
          .containsPattern("/zen +no +no +no +")
          .containsPattern("/other +yes +yes +yes +");
    }
    keys = Optional.of(place("other"));
    try (ControlPlane third = controlPlane()) {
      assertThat(put(third.start(), 6).exitCode()).isZero();
    }
  }
}
