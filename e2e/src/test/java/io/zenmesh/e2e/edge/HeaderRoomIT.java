package io.zenmesh.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whoever fills the listener's limits must not fail behind the claim of its message. */
@ExtendWith(SharedMesh.class)
class HeaderRoomIT {
  private static final String ZEN = "acme/zen";

  private final RunningMesh running;

  HeaderRoomIT(RunningMesh running) {
    this.running = running;
  }

  private enum Seen {
    DELIVERED,
    REFUSED_BY_US,
    REFUSED_BY_ENVOY
  }

  @ParameterizedTest
  @EnumSource
  void headerCountAroundTheLimits_isDeliveredOrRefusedWithTheNonceUnused(Protocol protocol) {
    Set<Seen> seen = EnumSet.noneOf(Seen.class);
    for (int extra = 60; extra <= 102; extra++) {
      String checkId = CheckSuite.newCheckId();
      WireRequest plain = running.compose(Draft.correct(ZEN), running.first(), checkId);
      WireRequest many = plain;
      for (int i = 0; i < extra; i++) {
        many = many.plus("x-many-" + i, "1");
      }
      seen.add(look(protocol, checkId, plain, many));
    }
    assertThat(seen).containsExactlyInAnyOrder(Seen.values());
  }

  @ParameterizedTest
  @EnumSource
  void headerBytesAroundTheLimits_areDeliveredOrRefusedWithTheNonceUnused(Protocol protocol) {
    Set<Seen> seen = EnumSet.noneOf(Seen.class);
    for (int kept = 4 * 1024; kept >= -256; kept -= 128) {
      String checkId = CheckSuite.newCheckId();
      WireRequest plain = running.compose(Draft.correct(ZEN), running.first(), checkId);
      WireRequest large = plain;
      for (int i = 0; i < 4; i++) {
        large = large.plus("x-large-" + i, "1".repeat((32 * 1024 - kept) / 4 - 9));
      }
      seen.add(look(protocol, checkId, plain, large));
    }
    assertThat(seen).containsExactlyInAnyOrder(Seen.values());
  }

  private Seen look(Protocol protocol, String checkId, WireRequest plain, WireRequest filled) {
    Outcome outcome = running.send(protocol, running.first(), ZEN, filled);
    if (outcome.status().equals(Optional.of(200))) {
      assertThat(running.arrived(checkId)).hasSize(1);
      return Seen.DELIVERED;
    }
    boolean ours = outcome.problemCode().equals(Optional.of("headers_too_large"));
    if (ours || outcome.status().isPresent()) {
      assertThat(outcome.status()).as("%s", outcome).hasValue(431);
    }
    assertThat(running.arrived(checkId)).isEmpty();
    assertThat(running.send(protocol, running.first(), ZEN, plain).status())
        .as("the same nonce after %s", outcome)
        .hasValue(200);
    return ours ? Seen.REFUSED_BY_US : Seen.REFUSED_BY_ENVOY;
  }
}
