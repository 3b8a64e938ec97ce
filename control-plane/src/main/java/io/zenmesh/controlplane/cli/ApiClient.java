package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.AppliedView;
import io.zenmesh.controlplane.api.Problem;
import io.zenmesh.controlplane.api.ProxyView;
import io.zenmesh.xds.identity.MutualTls;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** Speaks to the operator's API over mTLS; the server is known by its SPIFFE id. */
final class ApiClient implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(5);
  private static final Duration ANSWER = Duration.ofSeconds(60);
  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private final ClientConfig config;
  private final HttpClient http;

  ApiClient(ClientConfig config) {
    this.config = config;
    try {
      this.http =
          HttpClient.newBuilder()
              .sslContext(MutualTls.load(config.identity()).client(config.server()))
              .connectTimeout(CONNECT)
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
    } catch (IOException e) {
      throw CliException.usage("identity: " + e.getMessage());
    }
  }

  /** What became of a mesh sent to the API. */
  sealed interface ApplyAnswer {
    record Accepted(AppliedView view) implements ApplyAnswer {}

    record Refused(Problem problem) implements ApplyAnswer {}
  }

  List<ProxyView> proxies() {
    HttpResponse<String> response =
        send(HttpRequest.newBuilder(config.api().resolve("/v1/proxies")).GET());
    if (response.statusCode() != 200) {
      throw unexpected(response);
    }
    return parse(response, ProxyView.Proxies.class).proxies();
  }

  ApplyAnswer apply(String file, String text) {
    URI target = config.api().resolve("/v1/mesh?file=" + file);
    HttpResponse<String> response =
        send(
            HttpRequest.newBuilder(target)
                .header("Content-Type", "application/yaml")
                .POST(BodyPublishers.ofString(text)));
    return switch (response.statusCode()) {
      case 200 -> new ApplyAnswer.Accepted(parse(response, AppliedView.class));
      case 422, 500 -> new ApplyAnswer.Refused(parse(response, Problem.class));
      default -> throw unexpected(response);
    };
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    try {
      return http.send(request.timeout(ANSWER).build(), BodyHandlers.ofString());
    } catch (HttpTimeoutException e) {
      throw CliException.failed("api: " + config.api() + " does not answer in time");
    } catch (SSLException e) {
      throw CliException.failed(
          "api: "
              + config.api()
              + " refused the TLS handshake (expected: "
              + config.server()
              + " and an operator certificate of the same trust bundle)");
    } catch (ConnectException e) {
      throw CliException.failed(
          "api: " + config.api() + " is not reachable (expected: a running control plane)");
    } catch (IOException e) {
      throw CliException.failed("api: " + config.api() + " broke the connection");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    }
  }

  private CliException unexpected(HttpResponse<String> response) {
    Optional<String> title = Optional.empty();
    if (response.headers().firstValue("Content-Type").orElse("").contains("problem+json")) {
      title = Optional.of(parse(response, Problem.class).title());
    }
    return CliException.failed(
        "api: "
            + config.api()
            + " answered "
            + response.statusCode()
            + title.map(it -> ": " + it).orElse(""));
  }

  private <T> T parse(HttpResponse<String> response, Class<T> type) {
    try {
      return JSON.readValue(response.body(), type);
    } catch (JacksonException e) {
      throw CliException.failed("api: " + config.api() + " sent what zenctl does not understand");
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
