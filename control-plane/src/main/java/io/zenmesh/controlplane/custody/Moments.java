package io.zenmesh.controlplane.custody;

import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;

/** Instants as the store keeps them, to the microsecond: what is written reads back equal. */
final class Moments {
  private Moments() {}

  static Instant now(InstantSource clock) {
    return clock.instant().truncatedTo(ChronoUnit.MICROS);
  }
}
