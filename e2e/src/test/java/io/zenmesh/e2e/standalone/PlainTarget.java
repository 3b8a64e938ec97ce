package io.zenmesh.e2e.standalone;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A service behind somebody's Envoy, without TLS; answers 200 and keeps the headers it got. */
final class PlainTarget implements AutoCloseable {
  private final HttpServer server;
  private final List<Arrival> arrivals = new CopyOnWriteArrayList<>();

  /** One request. */
  record Arrival(
      String path, List<String> tenant, List<String> verified, List<String> spoofed, String id) {}

  PlainTarget() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 64);
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            exchange.getRequestBody().readAllBytes();
            arrivals.add(
                new Arrival(
                    exchange.getRequestURI().getPath(),
                    exchange.getRequestHeaders().getOrDefault("X-zen-tenant", List.of()),
                    exchange.getRequestHeaders().getOrDefault("X-zen-verified", List.of()),
                    exchange.getRequestHeaders().getOrDefault("X-zen-key-id", List.of()),
                    String.valueOf(exchange.getRequestHeaders().getFirst("X-check-id"))));
            exchange.sendResponseHeaders(200, -1);
          }
        });
    server.start();
  }

  int port() {
    return server.getAddress().getPort();
  }

  /** The requests that carried this mark. */
  List<Arrival> of(String id) {
    return arrivals.stream().filter(arrival -> arrival.id().equals(id)).toList();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
