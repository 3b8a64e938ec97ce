package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;

/**
 * Something that happened, before it has a place in a chain. Immutable; never holds a secret.
 *
 * <p>Control characters and halves of surrogate pairs in its texts become U+FFFD: whoever reads a
 * record is not deceived by it, and every text has one encoding.
 *
 * @param chain whose record it is on: a tenant, or {@link #SYSTEM}
 * @param actor who did it
 * @param action what was done: lower-case words joined by dots, such as {@code secret.unwrap}
 * @param object what it was done to: kind and name, such as {@code secret/acme/stripe}
 * @param outcome how it ended
 * @param reason a stable code of why, or empty
 * @param correlation the id that joins it to a request; empty when there is none
 */
public record AuditEvent(
    Name chain,
    Actor actor,
    String action,
    String object,
    Outcome outcome,
    String reason,
    String correlation) {
  /** The chain of what belongs to no tenant. */
  public static final Name SYSTEM = new Name("system");

  /** The longest of each text, in characters. */
  public static final int MAX_TEXT = 1024;

  /** How it ended. */
  public enum Outcome {
    /** A decision: yes. */
    ALLOWED,
    /** A decision: no. */
    DENIED,
    /** Done, or about to be done where the record comes first. */
    DONE,
    /** Tried and failed. */
    FAILED
  }

  public AuditEvent {
    action = bounded("action", action, 1);
    object = bounded("object", object, 1);
    reason = bounded("reason", reason, 0);
    correlation = bounded("correlation", correlation, 0);
  }

  /** The same joined to a request, unless it is joined to one already. */
  AuditEvent under(String request) {
    return correlation.isEmpty()
        ? new AuditEvent(chain, actor, action, object, outcome, reason, request)
        : this;
  }

  private static String bounded(String field, String text, int least) {
    if (text.length() < least || text.length() > MAX_TEXT) {
      throw new IllegalArgumentException(
          field + ": length " + text.length() + " (expected: " + least + " to " + MAX_TEXT + ")");
    }
    return Printable.of(text);
  }
}
