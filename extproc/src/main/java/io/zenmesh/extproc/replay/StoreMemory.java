package io.zenmesh.extproc.replay;

import java.time.Duration;
import java.time.Instant;

/**
 * Since when the store remembers, and what follows for messages from before. Immutable.
 *
 * <p>A store that is new, was flushed, restarted or failed over may have forgotten messages. They
 * cannot be told from fresh ones, so that those which could be old are refused.
 *
 * @param lostAt when the last loss was detected, whole seconds
 */
public record StoreMemory(Instant lostAt) {
  /** How far beyond the detection a signed time must lie: sender clocks run a little fast. */
  public static final Duration MARGIN = Duration.ofSeconds(5);

  /** What to do with one message. */
  enum Ruling {
    /** The store would know it: ask. */
    ASK,
    /** The store may have forgotten it, and the endpoint accepts that: ask, and raise the alarm. */
    ASK_AND_ALARM,
    /** The store may have forgotten it: refuse. */
    REFUSE
  }

  Ruling rule(ReplayMessage message, Instant now) {
    if (message.timestamp().isPresent()) {
      return message.timestamp().get().isAfter(quarantineEnd()) ? Ruling.ASK : Ruling.REFUSE;
    }
    if (!now.isBefore(lostAt.plus(message.window()))) {
      return Ruling.ASK;
    }
    return switch (message.onStoreLoss()) {
      case REFUSE -> Ruling.REFUSE;
      case ACCEPT -> Ruling.ASK_AND_ALARM;
    };
  }

  /** The last instant whose signed messages are refused. */
  public Instant quarantineEnd() {
    return lostAt.plus(MARGIN);
  }
}
