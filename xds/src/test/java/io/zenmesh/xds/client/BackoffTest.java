package io.zenmesh.xds.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
  @Test
  void waits_doubleUpToTheLongest_spreadByAQuarter_andStartAgainAfterReset() {
    Backoff backoff = new Backoff(new Random(7));
    long expected = Backoff.FIRST.toMillis();
    for (int i = 0; i < 12; i++) {
      assertThat(backoff.next())
          .isBetween(
              Duration.ofMillis(Math.round(expected * 0.75)),
              Duration.ofMillis(Math.round(expected * 1.25)));
      expected = Math.min(expected * 2, Backoff.LONGEST.toMillis());
    }
    backoff.reset();
    assertThat(backoff.next()).isLessThan(Duration.ofMillis(126));
  }
}
