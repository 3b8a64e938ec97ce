package io.zenmesh.controlplane.outside;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

/** moto's server: a stand-in for services of AWS that others wrote. */
public final class MotoServer implements AutoCloseable {
  private static final String MOTO = "moto[s3,server]==5.2.5";
  private static final int TRIES = 150;

  private final PyPiPrograms programs;
  private final int port;

  private MotoServer(PyPiPrograms programs, int port) {
    this.programs = programs;
    this.port = port;
  }

  /** Installs and starts it; skips the test, and says so, where it cannot be had. */
  public static MotoServer start(Path folder) throws IOException, InterruptedException {
    PyPiPrograms programs = PyPiPrograms.install(folder, Duration.ofMinutes(5), MOTO);
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path log = folder.resolve("moto.log");
    MotoServer server = new MotoServer(programs, port);
    programs.serve(
        log, programs.path("moto_server").toString(), "-H", "127.0.0.1", "-p", "" + port);
    for (int i = 0; i < TRIES; i++) {
      if (server.answers()) {
        return server;
      }
      Thread.sleep(200);
    }
    server.close();
    throw new AssertionError(
        "moto does not answer: " + Files.readString(log, StandardCharsets.UTF_8));
  }

  /** Where it answers. */
  public URI endpoint() {
    return URI.create("http://127.0.0.1:" + port);
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  @Override
  public void close() throws InterruptedException {
    programs.close();
  }
}
