package io.zenmesh.xds.server;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A free port below the ephemeral range: between the two lives of a server, nobody's outgoing
 * connection takes it.
 */
public final class RestartPort {
  private static final int FIRST = 20_000;
  private static final int LAST = 31_999;
  private static final int ATTEMPTS = 100;

  private RestartPort() {}

  /** Picks one that is free now. */
  public static int pick() throws IOException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      int port = ThreadLocalRandom.current().nextInt(FIRST, LAST + 1);
      try (ServerSocket probe = new ServerSocket()) {
        probe.bind(new InetSocketAddress("127.0.0.1", port));
        return port;
      } catch (IOException taken) {
        continue;
      }
    }
    throw new IOException("port: none free (expected: one of " + FIRST + " to " + LAST + ")");
  }
}
