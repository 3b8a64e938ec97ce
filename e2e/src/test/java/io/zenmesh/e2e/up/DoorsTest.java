package io.zenmesh.e2e.up;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class DoorsTest {
  private static final Path CHECKOUT = Path.of("/home/zen/mesh");

  @Test
  void ctl_theCheckoutsOwnState_needsNoOption() {
    assertThat(Doors.ctl(CHECKOUT.resolve(".zen"), CHECKOUT)).isEqualTo("./zen ctl");
  }

  @Test
  void ctl_anotherState_isNamedEvenWhenItIsCalledTheSame() {
    assertThat(Doors.ctl(Path.of("/else where/.zen"), CHECKOUT))
        .isEqualTo("./zen ctl --config '/else where/.zen/zenctl.yaml'");
  }
}
