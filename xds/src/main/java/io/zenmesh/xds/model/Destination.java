package io.zenmesh.xds.model;

import java.net.URI;
import java.util.Optional;

/**
 * Where the accepted requests of an endpoint go.
 *
 * @param tenant who owns it
 * @param name its name within the tenant
 * @param url {@code https://host[:port][/path]}; a path other than {@code /} replaces the request's
 *     path, the query is kept
 * @param trustBundle the name of the SDS secret that holds the roots the target's certificate must
 *     chain to; empty for the system's roots
 */
public record Destination(Name tenant, Name name, URI url, Optional<String> trustBundle) {
  private static final int HTTPS_PORT = 443;

  /**
   * @throws IllegalArgumentException when the URL is not an absolute https URL of host, port, path
   */
  public Destination {
    if (!"https".equals(url.getScheme())
        || url.getHost() == null
        || url.getRawUserInfo() != null
        || url.getRawQuery() != null
        || url.getRawFragment() != null) {
      throw new IllegalArgumentException("url: (expected: https://host[:port][/path])");
    }
  }

  /** Host and port to connect to. */
  public HostPort address() {
    int port = url.getPort() < 0 ? HTTPS_PORT : url.getPort();
    String host = url.getHost();
    boolean literal6 = host.startsWith("[");
    return new HostPort(literal6 ? host.substring(1, host.length() - 1) : host, port);
  }
}
