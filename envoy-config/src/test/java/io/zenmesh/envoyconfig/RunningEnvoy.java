package io.zenmesh.envoyconfig;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** An Envoy process on a static configuration; ready when the constructor returns. */
final class RunningEnvoy implements AutoCloseable {
  private static final Duration START = Duration.ofSeconds(30);
  private static final Duration POLL = Duration.ofMillis(20);

  private final Process process;
  private final Path adminSocket;
  private final Path output;

  RunningEnvoy(EnvoyBinary binary, Path directory, String yaml, Path adminSocket) {
    this.adminSocket = adminSocket;
    this.output = directory.resolve("envoy.out");
    try {
      Path config = Files.writeString(directory.resolve("envoy.yaml"), yaml);
      process =
          new ProcessBuilder(
                  List.of(
                      binary.path().toString(),
                      "--disable-hot-restart",
                      "--concurrency",
                      "1",
                      "--log-level",
                      "warning",
                      "-c",
                      config.toString()))
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    awaitReady();
  }

  /** What it logged and its access log. */
  String output() {
    try {
      return Files.readString(output);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The status line and body of an admin path. */
  String admin(String method, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(adminSocket));
      String request =
          method + " " + path + " HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(US_ASCII)));
      StringBuilder answer = new StringBuilder();
      ByteBuffer buffer = ByteBuffer.allocate(64 * 1024);
      while (channel.read(buffer.clear()) >= 0) {
        answer.append(UTF_8.decode(buffer.flip()));
      }
      return answer.toString();
    }
  }

  private void awaitReady() {
    long deadline = System.nanoTime() + START.toNanos();
    String last = "no answer";
    while (System.nanoTime() < deadline) {
      if (!process.isAlive()) {
        throw new AssertionError("Envoy ended with " + process.exitValue() + "\n" + output());
      }
      try {
        last = admin("GET", "/ready");
        if (last.startsWith("HTTP/1.1 200")) {
          return;
        }
      } catch (IOException e) {
        last = e.toString();
      }
      LockSupport.parkNanos(POLL.toNanos());
    }
    close();
    throw new AssertionError("Envoy not ready after " + START + ": " + last + "\n" + output());
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(5, TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
