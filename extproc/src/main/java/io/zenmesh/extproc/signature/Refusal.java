package io.zenmesh.extproc.signature;

import java.util.EnumMap;
import java.util.Map;

/**
 * A refusal on its way out of the engine: checked, so that no caller can forget it, and without a
 * stack trace, so that a forged request costs no more than a right one.
 */
final class Refusal extends Exception {
  private static final Map<Reason, Refusal> ALL = new EnumMap<>(Reason.class);

  static {
    for (Reason reason : Reason.values()) {
      ALL.put(reason, new Refusal(reason));
    }
  }

  private final Reason reason;

  private Refusal(Reason reason) {
    super(reason.code(), null, false, false);
    this.reason = reason;
  }

  static Refusal of(Reason reason) {
    Refusal refusal = ALL.get(reason);
    return refusal == null ? new Refusal(reason) : refusal;
  }

  Reason reason() {
    return reason;
  }
}
