package io.zenmesh.extproc.signature;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** The host and port that a sender signed, in the one form that is signed. */
final class Authority {
  private static final String HTTPS_PORT = ":443";
  private static final String HTTP_PORT = ":80";

  private static final String EXPECTED = "publicUrl: (expected: https://host[:port]/path)";

  private Authority() {}

  /**
   * Lower case, port 443 removed: every ingress is HTTPS.
   *
   * @param received the {@code :authority} pseudo-header, visible ASCII
   */
  static String ofRequest(String received) {
    return normal(received, HTTPS_PORT);
  }

  /**
   * The authority of an endpoint's public URL, lower case, its scheme's default port removed.
   *
   * @throws IllegalArgumentException when it is not an absolute {@code http} or {@code https} URL
   *     with a host and without user information
   */
  static String ofPublicUrl(String url) {
    try {
      URI uri = new URI(url);
      String defaultPort = defaultPort(uri);
      if (uri.getHost() != null && uri.getRawUserInfo() == null && !defaultPort.isEmpty()) {
        return normal(uri.getRawAuthority(), defaultPort);
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException(EXPECTED, e);
    }
    throw new IllegalArgumentException(EXPECTED);
  }

  private static String defaultPort(URI uri) {
    if ("https".equalsIgnoreCase(uri.getScheme())) {
      return HTTPS_PORT;
    }
    return "http".equalsIgnoreCase(uri.getScheme()) ? HTTP_PORT : "";
  }

  private static String normal(String authority, String defaultPort) {
    String lower = authority.toLowerCase(Locale.ROOT);
    return lower.endsWith(defaultPort)
        ? lower.substring(0, lower.length() - defaultPort.length())
        : lower;
  }
}
