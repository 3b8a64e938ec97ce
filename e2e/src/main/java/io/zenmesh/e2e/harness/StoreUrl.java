package io.zenmesh.e2e.harness;

import io.zenmesh.xds.model.HostPort;
import java.net.URI;
import java.util.Optional;

/** Reads the URL of an external store: one scheme, an authority, nothing secret. */
final class StoreUrl {
  private StoreUrl() {}

  static URI parse(String variable, String text, String scheme, String form) {
    try {
      URI url = URI.create(text);
      if (scheme.equals(url.getScheme())
          && url.getHost() != null
          && url.getUserInfo() == null
          && url.getQuery() == null) {
        return url;
      }
    } catch (IllegalArgumentException notAnUrl) {
      // Falls through to the one refusal; the text is not repeated, it may hold a password.
    }
    throw new HarnessException(
        variable
            + ": not of the form (expected: "
            + form
            + ", without user, password and options)");
  }

  static HostPort address(URI url, int defaultPort) {
    int port = url.getPort() < 0 ? defaultPort : url.getPort();
    return new HostPort(Optional.ofNullable(url.getHost()).orElse(""), port);
  }
}
