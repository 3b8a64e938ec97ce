package io.zenmesh.xds.identity;

import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/**
 * A SPIFFE id, strictly parsed: {@code spiffe://<trust domain>/<path>}.
 *
 * <p>Never normalised: upper case in the trust domain, empty segments, {@code .} and {@code ..},
 * percent encoding, ports and queries are refused. See the SPIFFE-ID standard, section 2.
 *
 * @param trustDomain {@code [a-z0-9._-]{1,255}}
 * @param path empty, or {@code /segment[/segment...]} of {@code [A-Za-z0-9._-]}
 */
public record SpiffeId(String trustDomain, String path) {
  private static final String PREFIX = "spiffe://";
  private static final int MAX_LENGTH = 2048;
  private static final int URI_SAN = 6;

  /**
   * @throws IllegalArgumentException when a part is malformed
   */
  public SpiffeId {
    if (!validTrustDomain(trustDomain) || !validPath(path)) {
      throw new IllegalArgumentException("SPIFFE id: malformed (expected: spiffe://domain/path)");
    }
  }

  /** Parses the text of an id; empty when malformed. */
  public static Optional<SpiffeId> parse(String text) {
    if (text.length() > MAX_LENGTH || !text.startsWith(PREFIX)) {
      return Optional.empty();
    }
    int slash = text.indexOf('/', PREFIX.length());
    String domain =
        slash < 0 ? text.substring(PREFIX.length()) : text.substring(PREFIX.length(), slash);
    String path = slash < 0 ? "" : text.substring(slash);
    return validTrustDomain(domain) && validPath(path)
        ? Optional.of(new SpiffeId(domain, path))
        : Optional.empty();
  }

  /**
   * The id of an X.509-SVID leaf: its one and only URI SAN. Empty when there is none, more than
   * one, a malformed one, or when the certificate is a CA.
   */
  public static Optional<SpiffeId> ofLeaf(X509Certificate leaf) {
    if (leaf.getBasicConstraints() >= 0) {
      return Optional.empty();
    }
    Collection<List<?>> names;
    try {
      names = leaf.getSubjectAlternativeNames();
    } catch (CertificateParsingException e) {
      return Optional.empty();
    }
    if (names == null) {
      return Optional.empty();
    }
    List<String> uris =
        names.stream()
            .filter(name -> Integer.valueOf(URI_SAN).equals(name.get(0)))
            .map(name -> String.valueOf(name.get(1)))
            .toList();
    return uris.size() == 1 ? parse(uris.get(0)) : Optional.empty();
  }

  private static boolean validTrustDomain(String domain) {
    return !domain.isEmpty()
        && domain.length() <= 255
        && domain.chars().allMatch(c -> lowerOrDigit(c) || c == '.' || c == '-' || c == '_');
  }

  private static boolean validPath(String path) {
    if (path.isEmpty()) {
      return true;
    }
    if (path.charAt(0) != '/') {
      return false;
    }
    for (String segment : path.substring(1).split("/", -1)) {
      if (segment.isEmpty() || segment.equals(".") || segment.equals("..")) {
        return false;
      }
      if (!segment
          .chars()
          .allMatch(
              c -> lowerOrDigit(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '-' || c == '_')) {
        return false;
      }
    }
    return true;
  }

  private static boolean lowerOrDigit(int c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
  }

  @Override
  public String toString() {
    return PREFIX + trustDomain + path;
  }
}
