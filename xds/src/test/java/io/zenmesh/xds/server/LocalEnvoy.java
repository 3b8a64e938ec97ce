package io.zenmesh.xds.server;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real Envoy: {@code ENVOY_BIN}, else the one on PATH, else the cached one. */
final class LocalEnvoy implements AutoCloseable {
  private static final String CACHED = ".cache/zen-mesh/envoy/1.40.0/envoy";

  private final Process process;
  private final Path adminSocket;
  private final Path log;

  LocalEnvoy(Path directory, String bootstrap, Path adminSocket) throws IOException {
    Path config = Files.writeString(directory.resolve("bootstrap.yaml"), bootstrap);
    this.adminSocket = adminSocket;
    log = directory.resolve("envoy.log");
    process =
        new ProcessBuilder(
                binary().toString(),
                "-c",
                config.toString(),
                "--concurrency",
                "1",
                "--disable-hot-restart",
                "--log-level",
                "warning")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
  }

  /**
   * @throws AssertionError when there is none: a test that skips itself proves nothing
   */
  private static Path binary() {
    Stream<Path> named = Optional.ofNullable(System.getenv("ENVOY_BIN")).map(Path::of).stream();
    Stream<Path> onPath =
        Stream.of(Optional.ofNullable(System.getenv("PATH")).orElse("").split(":"))
            .filter(entry -> !entry.isEmpty())
            .map(entry -> Path.of(entry, "envoy"));
    Path cached = Path.of(System.getProperty("user.home")).resolve(CACHED);
    return Stream.of(named, onPath, Stream.of(cached))
        .flatMap(found -> found)
        .filter(found -> Files.isRegularFile(found) && Files.isExecutable(found))
        .findFirst()
        .orElseThrow(() ->
            new AssertionError(
                "envoy: none (expected: ENVOY_BIN, envoy on PATH, or " + cached + ")"));
  }

  /** The value of one counter or gauge. */
  long stat(String name) throws IOException {
    String prefix = name + ": ";
    return admin("/stats?filter=" + name)
        .lines()
        .filter(line -> line.startsWith(prefix))
        .findFirst()
        .map(line -> Long.parseLong(line.substring(prefix.length()).strip()))
        .orElseThrow(() -> new AssertionError(name + ": no such stat"));
  }

  private String admin(String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.connect(UnixDomainSocketAddress.of(adminSocket));
      String request = "GET " + path + " HTTP/1.1\r\nHost: admin\r\nConnection: close\r\n\r\n";
      channel.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
      return new String(Channels.newInputStream(channel).readAllBytes(), StandardCharsets.US_ASCII);
    }
  }

  /** What it has logged so far, for the message of a failed wait. */
  List<String> logged() throws IOException {
    return Files.readAllLines(log);
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(10, TimeUnit.SECONDS)) {
        process.destroyForcibly();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}
