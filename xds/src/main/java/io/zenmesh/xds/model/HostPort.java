package io.zenmesh.xds.model;

/**
 * A TCP address.
 *
 * @param host an IP address or DNS name, without brackets
 * @param port 1 to 65535
 */
public record HostPort(String host, int port) {
  /**
   * @throws IllegalArgumentException when the port is out of range or the host empty
   */
  public HostPort {
    if (host.isEmpty()) {
      throw new IllegalArgumentException("host: empty (expected: an IP address or DNS name)");
    }
    if (port < 1 || port > 65535) {
      throw new IllegalArgumentException("port: " + port + " (expected: 1 to 65535)");
    }
  }

  @Override
  public String toString() {
    return host.indexOf(':') >= 0 ? "[" + host + "]:" + port : host + ":" + port;
  }
}
