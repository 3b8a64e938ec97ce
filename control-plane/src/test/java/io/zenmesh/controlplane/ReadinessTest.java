package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ReadinessTest {
  @Test
  void asking_neverRunsTheCheck() {
    AtomicInteger checks = new AtomicInteger();
    try (Readiness readiness = new Readiness(() -> checks.incrementAndGet() > 0)) {
      assertThat(readiness.getAsBoolean()).isFalse();
      for (int i = 0; i < 1000; i++) {
        readiness.getAsBoolean();
      }
      assertThat(checks).hasValue(0);
      readiness.start();
      assertThat(readiness.getAsBoolean()).isTrue();
    }
  }

  @Test
  void checkThatThrows_isNotReadyAndAskedAgain() throws InterruptedException {
    CountDownLatch twice = new CountDownLatch(2);
    try (Readiness readiness =
        new Readiness(() -> {
          twice.countDown();
          throw new IllegalStateException("check: broken");
        })) {
      readiness.start();
      assertThat(readiness.getAsBoolean()).isFalse();
      assertThat(twice.await(30, TimeUnit.SECONDS)).isTrue();
    }
  }
}
