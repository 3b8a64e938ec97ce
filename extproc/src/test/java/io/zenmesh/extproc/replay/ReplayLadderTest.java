package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplayLadderTest {
  @Test
  void rungs_eachEndBeforeTheNext() {
    assertThat(ReplayLadder.STORE_TIMEOUT).isEqualTo(Duration.ofMillis(250));
    // A claim asks twice at most: SET, then GET.
    assertThat(ReplayLadder.STORE_TIMEOUT.multipliedBy(2).plusMillis(100))
        .isLessThan(ReplayLadder.MESSAGE_TIMEOUT);
    assertThat(ReplayLadder.MESSAGE_TIMEOUT).isLessThan(ReplayLadder.ROUTE_TIMEOUT);
    assertThat(ReplayLadder.ROUTE_TIMEOUT).isLessThan(ReplayLadder.OWNER_DEADLINE);
    assertThat(ReplayLadder.OWNER_DEADLINE).isLessThan(ReplayLadder.CLAIM_TTL);
  }
}
