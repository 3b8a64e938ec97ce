package io.zenmesh.controlplane.audit;

/**
 * Who did something.
 *
 * @param kind what sort of identity it is
 * @param id stable and not secret: a SPIFFE id, a principal's name, a token's public id
 */
public record Actor(Kind kind, String id) {
  /** The longest id, in characters. */
  public static final int MAX_ID = 512;

  /** What can act. */
  public enum Kind {
    /** Someone with a role, by certificate or token. */
    PRINCIPAL,
    /** An Envoy, a processor or an agent. */
    NODE,
    /** The control plane by itself: a timer, the mesh file, the start. */
    SYSTEM,
    /** Nobody we know: what failed to authenticate. */
    UNKNOWN
  }

  public Actor {
    if (id.isEmpty() || id.length() > MAX_ID) {
      throw new IllegalArgumentException("actor id: length (expected: 1 to " + MAX_ID + ")");
    }
    id = Printable.of(id);
  }

  /** The control plane itself. */
  public static Actor system(String part) {
    return new Actor(Kind.SYSTEM, part);
  }
}
