package io.zenmesh.envoyconfig;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import javax.net.ssl.SSLContext;

/** A tenant's target: answers 200 and remembers what came. */
final class RecordingTarget implements AutoCloseable {
  /**
   * A request as it arrived.
   *
   * @param headers by lower-case name
   */
  record Arrival(String method, String uri, Map<String, List<String>> headers, String body) {
    List<String> header(String name) {
      return headers.getOrDefault(name, List.of());
    }
  }

  private final HttpsServer server;
  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();

  RecordingTarget(SSLContext tls) throws IOException {
    server = HttpsServer.create(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), 0), 16);
    server.setHttpsConfigurator(new HttpsConfigurator(tls));
    server.createContext("/", this::answer);
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  List<Arrival> arrivals() {
    return arrivals;
  }

  private void answer(HttpExchange exchange) throws IOException {
    String body = new String(exchange.getRequestBody().readAllBytes(), UTF_8);
    Map<String, List<String>> headers =
        exchange.getRequestHeaders().entrySet().stream()
            .collect(
                Collectors.toMap(
                    header -> header.getKey().toLowerCase(java.util.Locale.ROOT),
                    Map.Entry::getValue));
    arrivals.add(
        new Arrival(
            exchange.getRequestMethod(), exchange.getRequestURI().toString(), headers, body));
    exchange.sendResponseHeaders(200, -1);
    exchange.close();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
