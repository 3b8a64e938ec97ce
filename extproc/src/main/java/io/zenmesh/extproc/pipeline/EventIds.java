package io.zenmesh.extproc.pipeline;

import java.time.InstantSource;
import java.util.UUID;
import java.util.concurrent.ThreadLocalRandom;

/** Makes ids for events whose senders sign none: UUIDs of version 7 (RFC 9562). Thread-safe. */
final class EventIds {
  private static final long VERSION_7 = 0x7000L;
  private static final long VARIANT = 0x8000_0000_0000_0000L;

  private final InstantSource clock;

  EventIds(InstantSource clock) {
    this.clock = clock;
  }

  /** 36 characters; sorts by time of making. */
  String next() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    long high = clock.millis() << 16 | VERSION_7 | (random.nextInt() & 0xfffL);
    long low = VARIANT | (random.nextLong() >>> 2);
    return new UUID(high, low).toString();
  }
}
