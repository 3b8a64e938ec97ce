package io.zenmesh.extproc.signature;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;

/** The host and port that a sender signed, in the one form that is signed. */
final class Authority {
  private static final String HTTPS_PORT = ":443";
  private static final String HTTP_PORT = ":80";

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
      String scheme = uri.getScheme();
      if (uri.getHost() != null && uri.getRawUserInfo() == null && scheme != null) {
        switch (scheme.toLowerCase(Locale.ROOT)) {
          case "https":
            return normal(uri.getRawAuthority(), HTTPS_PORT);
          case "http":
            return normal(uri.getRawAuthority(), HTTP_PORT);
          default:
        }
      }
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("publicUrl: (expected: https://host[:port]/path)", e);
    }
    throw new IllegalArgumentException("publicUrl: (expected: https://host[:port]/path)");
  }

  private static String normal(String authority, String defaultPort) {
    String lower = authority.toLowerCase(Locale.ROOT);
    return lower.endsWith(defaultPort)
        ? lower.substring(0, lower.length() - defaultPort.length())
        : lower;
  }
}
