package io.zenmesh.xds.model;

import java.util.List;
import java.util.regex.Pattern;

/**
 * Which client certificate a request must have come with.
 *
 * @param mtls whether one is asked for, and whether it may be missing
 * @param spiffeIds the URI names of which the certificate may carry one
 * @param sans the DNS names of which the certificate may carry one; with both lists empty any
 *     certificate of the roots will do, else it carries a name of one of them
 */
public record ClientRequirement(Mtls mtls, List<String> spiffeIds, List<String> sans) {
  /** Any client, with or without a certificate. */
  public static final ClientRequirement NONE =
      new ClientRequirement(Mtls.NONE, List.of(), List.of());

  private static final int MAX_DNS_NAME = 253;
  private static final Pattern DNS_NAME =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");

  /** How many names of each kind may be stated. */
  public static final int MAX_NAMES = 64;

  /**
   * Copies the lists.
   *
   * @throws IllegalArgumentException when there are too many names, or names without a certificate
   *     that could carry them
   */
  public ClientRequirement {
    spiffeIds = List.copyOf(spiffeIds);
    sans = List.copyOf(sans);
    if (spiffeIds.size() > MAX_NAMES || sans.size() > MAX_NAMES) {
      throw new IllegalArgumentException(
          "client names: "
              + Math.max(spiffeIds.size(), sans.size())
              + " (expected: at most "
              + MAX_NAMES
              + ")");
    }
    if (mtls == Mtls.NONE && !(spiffeIds.isEmpty() && sans.isEmpty())) {
      throw new IllegalArgumentException(
          "client names: given (expected: none where no certificate is asked for)");
    }
  }

  /** Whether a text can be one of {@link #sans}: a whole DNS name in lower case, no wildcard. */
  public static boolean isDnsName(String text) {
    return text.length() <= MAX_DNS_NAME && DNS_NAME.matcher(text).matches();
  }

  /** Whether a certificate is asked for. */
  public boolean asked() {
    return mtls != Mtls.NONE;
  }

  /** Whether the certificate must carry one of the names. */
  public boolean named() {
    return !spiffeIds.isEmpty() || !sans.isEmpty();
  }

  /** Whether a client certificate is asked for. */
  public enum Mtls {
    /** Not asked for. */
    NONE,
    /** Asked for; a request without one goes on, one with a wrong one does not. */
    OPTIONAL,
    /** Asked for, and no request goes on without. */
    REQUIRED
  }
}
