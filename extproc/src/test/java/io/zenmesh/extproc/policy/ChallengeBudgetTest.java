package io.zenmesh.extproc.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

class ChallengeBudgetTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");

  private final ChallengeBudget budget = new ChallengeBudget();

  private int taken(Instant at) {
    int taken = 0;
    while (budget.take(at)) {
      taken++;
    }
    return taken;
  }

  @Test
  void tenAtOnce_thenOneASecond_andNeverMoreThanTen() {
    assertThat(taken(START)).isEqualTo(10);
    assertThat(taken(START.plusMillis(999))).isZero();
    assertThat(taken(START.plusMillis(1_999))).isEqualTo(1);
    assertThat(taken(START.plus(Duration.ofDays(1)))).isEqualTo(10);
  }

  @Test
  void clockSetBack_refillsNothing_andGoesOnFromThere() {
    assertThat(taken(START)).isEqualTo(10);
    assertThat(taken(START.minus(Duration.ofHours(1)))).isZero();
    assertThat(taken(START.minus(Duration.ofHours(1)).plusSeconds(2))).isEqualTo(2);
  }
}
