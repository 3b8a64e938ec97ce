package io.zenmesh.e2e.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.ServerSocket;
import org.junit.jupiter.api.Test;

final class PortsTest {
  @Test
  void free_everyPart_hasItsOwnPort() {
    assertThat(Ports.free().numbers()).hasSize(Part.values().length);
    assertThat(Ports.free().numbers().values()).doesNotHaveDuplicates();
  }

  @Test
  void from_takenPort_isNamed() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      int base = taken.getLocalPort() - Part.XDS.offset();
      assertThatThrownBy(() -> Ports.from(base))
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining("taken on 127.0.0.1")
          .hasMessageContaining(Integer.toString(taken.getLocalPort()));
    }
  }

  @Test
  void from_outOfRange_isRefused() {
    for (int base : new int[] {0, -1, 65_500, 70_000}) {
      assertThatThrownBy(() -> Ports.from(base))
          .isInstanceOf(HarnessException.class)
          .hasMessageContaining("expected: 1 to 65484");
    }
  }
}
