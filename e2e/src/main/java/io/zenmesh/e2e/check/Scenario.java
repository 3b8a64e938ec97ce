package io.zenmesh.e2e.check;

import java.util.Set;

/**
 * One thing the check does, and what must come of it.
 *
 * @param name what the table calls it
 * @param protocols the HTTP versions it can be said in
 * @param draft what is sent
 * @param repeat how often and where
 * @param expected what must come of it
 */
public record Scenario(
    String name, Set<Protocol> protocols, Draft draft, Repeat repeat, Expected expected) {
  /** How often and where a message is sent. */
  public enum Repeat {
    /** Once. */
    ONCE(1),
    /** The same bytes twice, one after the other. */
    TWICE(2),
    /** The same bytes four times at once, on connections of their own. */
    AT_ONCE(4),
    /** The same bytes once more on the other ingress node. */
    OTHER_NODE(2),
    /** The same bytes four times at once, spread over all ingress nodes. */
    AT_ONCE_EVERYWHERE(4);

    private final int copies;

    Repeat(int copies) {
      this.copies = copies;
    }

    int copies() {
      return copies;
    }
  }

  public Scenario {
    protocols = Set.copyOf(protocols);
  }

  @Override
  public String toString() {
    return name;
  }
}
