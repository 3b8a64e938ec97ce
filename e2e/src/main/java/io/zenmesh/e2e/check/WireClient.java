package io.zenmesh.e2e.check;

/**
 * Sends one request over one fresh TLS connection to a port of this machine. Implementations are
 * thread-safe and never retry.
 */
public interface WireClient extends AutoCloseable {
  /** The HTTP version it speaks. */
  Protocol protocol();

  /**
   * Sends the request and waits for its outcome.
   *
   * @param port a port on 127.0.0.1
   * @param serverName the name for SNI, which the server's certificate must carry
   */
  Outcome send(int port, String serverName, WireRequest request);

  @Override
  void close();
}
