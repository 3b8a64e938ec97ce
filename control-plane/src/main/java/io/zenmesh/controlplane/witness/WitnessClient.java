package io.zenmesh.controlplane.witness;

import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import javax.net.ssl.SSLContext;

/** Asks a witness over HTTP, for at most five seconds; an answer has at most 4 KiB. Thread-safe. */
public final class WitnessClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(2);
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MAX_PORT = 65_535;
  private static final int MAX_ANSWER = 4 * 1024;

  private final URI target;
  private final HttpClient http;

  /** What an address must be, as messages say it. */
  public static final String FORM = "https://HOST:PORT, or http:// and a loopback address";

  /**
   * @param server {@code https://HOST:PORT}, or {@code http://} of a loopback address
   * @param tls empty for plain HTTP
   * @throws IllegalArgumentException when the address has another form, or is plain and not here
   */
  public WitnessClient(URI server, Optional<SSLContext> tls) {
    this.target = server.resolve("/add-checkpoint");
    if (!fits(server) || tls.isPresent() != "https".equals(server.getScheme())) {
      throw new IllegalArgumentException("witness: " + server + " (expected: " + FORM + ")");
    }
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .connectTimeout(CONNECT)
            .version(HttpClient.Version.HTTP_1_1)
            .followRedirects(HttpClient.Redirect.NEVER);
    tls.ifPresent(builder::sslContext);
    this.http = builder.build();
  }

  /** Whether a witness may be asked there: nothing but host and port, and plain HTTP only here. */
  public static boolean fits(URI server) {
    boolean plain = "http".equals(server.getScheme());
    return (plain || "https".equals(server.getScheme()))
        && server.getHost() != null
        && server.getPort() > 0
        && server.getPort() <= MAX_PORT
        && server.getRawUserInfo() == null
        && server.getRawQuery() == null
        && server.getRawFragment() == null
        && ("".equals(server.getRawPath()) || "/".equals(server.getRawPath()))
        && (!plain || isHere(server.getHost()));
  }

  private static boolean isHere(String host) {
    try {
      return host.matches("[0-9.]+|\\[[0-9a-fA-F:]+\\]")
          && InetAddress.getByName(host).isLoopbackAddress();
    } catch (IOException e) {
      return false;
    }
  }

  /** What was answered. */
  record Reply(int status, String body) {}

  Reply ask(String body) throws IOException, InterruptedException {
    HttpResponse<String> response =
        http.send(
            HttpRequest.newBuilder(target)
                .timeout(PATIENCE)
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_ANSWER));
    return new Reply(response.statusCode(), response.body());
  }

  @Override
  public void close() {
    http.shutdownNow();
  }
}
