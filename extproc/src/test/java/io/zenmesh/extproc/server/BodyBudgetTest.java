package io.zenmesh.extproc.server;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class BodyBudgetTest {
  @Test
  void P10_largeBodies_leaveAQuarterForSmallOnes() {
    BodyBudget budget = new BodyBudget(4 * 1024 * 1024);
    assertThat(budget.reserve(3 * 1024 * 1024)).isTrue();
    assertThat(budget.reserve(BodyBudget.SMALL_BODY_BYTES + 1)).isFalse();
    for (int i = 0; i < 16; i++) {
      assertThat(budget.reserve(BodyBudget.SMALL_BODY_BYTES)).isTrue();
    }
    assertThat(budget.reserve(1)).isFalse();
    assertThat(budget.inUse()).isEqualTo(4 * 1024 * 1024);
    budget.release(3 * 1024 * 1024);
    assertThat(budget.reserve(BodyBudget.SMALL_BODY_BYTES + 1)).isTrue();
  }
}
