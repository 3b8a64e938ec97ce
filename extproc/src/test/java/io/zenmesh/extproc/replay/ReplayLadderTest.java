package io.zenmesh.extproc.replay;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.resource.Limits;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class ReplayLadderTest {
  @Test
  void rungs_eachEndBeforeTheNext() {
    assertThat(ReplayLadder.STORE_TIMEOUT).isEqualTo(Duration.ofMillis(250));
    // A request asks for a claim, and its response for the outcome: one question each.
    assertThat(ReplayLadder.STORE_TIMEOUT.multipliedBy(2)).isLessThan(ReplayLadder.MESSAGE_TIMEOUT);
    assertThat(ReplayLadder.MESSAGE_TIMEOUT).isLessThan(ReplayLadder.ROUTE_TIMEOUT);
    assertThat(ReplayLadder.ROUTE_TIMEOUT).isLessThan(ReplayLadder.OWNER_DEADLINE);
    assertThat(ReplayLadder.OWNER_DEADLINE).isLessThan(ReplayLadder.CLAIM_TTL);
  }

  @Test
  void rungsOfEnvoy_areThoseOfItsConfiguration() {
    assertThat(ReplayLadder.MESSAGE_TIMEOUT.toSeconds())
        .isEqualTo(Limits.PROCESSOR_MESSAGE.getSeconds());
    assertThat(ReplayLadder.ROUTE_TIMEOUT.toSeconds()).isEqualTo(Limits.INGRESS_ROUTE.getSeconds());
  }

  @Test
  void F08_releaseSentAtTheDeadline_isDeadLongBeforeTheClaimExpires() {
    assertThat(ReplayLadder.STORE_RETRANSMISSION).isEqualTo(Duration.ofSeconds(10));
    assertThat(ReplayLadder.OWNER_DEADLINE.plus(ReplayLadder.STORE_RETRANSMISSION.multipliedBy(2)))
        .isLessThan(ReplayLadder.CLAIM_TTL);
  }
}
