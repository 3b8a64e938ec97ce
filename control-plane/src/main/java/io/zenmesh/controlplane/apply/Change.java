package io.zenmesh.controlplane.apply;

/**
 * One object of the desired state that an apply touched.
 *
 * @param kind what happened to it
 * @param subject such as {@code Endpoint acme/orders}
 */
public record Change(Kind kind, String subject) {
  /** What happened. */
  public enum Kind {
    ADDED,
    CHANGED,
    REMOVED
  }
}
