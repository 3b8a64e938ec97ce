package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CallerLimitsTest {
  private long now;
  private final CallerLimits limits = new CallerLimits(10, 20, () -> now);

  private long admitted(String caller, int asked) {
    return IntStream.range(0, asked).filter(it -> limits.admit(caller)).count();
  }

  @Test
  void H04_callerIsHeldToItsRate_andNobodyElse() {
    assertThat(admitted("one", 100)).isEqualTo(20);
    assertThat(admitted("two", 100)).isEqualTo(20);
    now += 500_000_000L;
    assertThat(admitted("one", 100)).isEqualTo(5);
    now += 3_600_000_000_000L;
    assertThat(admitted("one", 100)).isEqualTo(20);
  }

  @Test
  void H04_manyCallers_takeBoundedRoom() {
    for (int i = 0; i < 50_000; i++) {
      assertThat(limits.admit("caller-" + i)).isTrue();
    }
  }
}
