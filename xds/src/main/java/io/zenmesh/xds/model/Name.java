package io.zenmesh.xds.model;

/**
 * The immutable name of a tenant, cluster, node, endpoint, destination or secret: {@code
 * [a-z0-9][a-z0-9-]{0,62}}.
 *
 * <p>A name goes into key derivation, SPIFFE ids, Envoy route names and database keys, so it is
 * never normalised: what does not match is refused.
 *
 * @param value 1 to 63 characters
 */
public record Name(String value) implements Comparable<Name> {
  /** The owner of what belongs to no tenant: clusters and certificates of the platform. */
  public static final Name SYSTEM = new Name("system");

  private static final int MAX_LENGTH = 63;

  /**
   * @throws IllegalArgumentException when the value does not match the grammar
   */
  public Name {
    if (!isValid(value)) {
      throw new IllegalArgumentException(
          "name: " + printable(value) + " (expected: [a-z0-9][a-z0-9-]{0,62})");
    }
  }

  /** Whether {@code value} matches the grammar. */
  public static boolean isValid(String value) {
    if (value.isEmpty() || value.length() > MAX_LENGTH || value.charAt(0) == '-') {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
        return false;
      }
    }
    return true;
  }

  private static String printable(String value) {
    String cut = value.length() > 80 ? value.substring(0, 80) + "..." : value;
    return cut.replaceAll("[^\\x20-\\x7e]", "?");
  }

  @Override
  public int compareTo(Name other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
