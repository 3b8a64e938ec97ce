package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.AppliedView;
import io.zenmesh.controlplane.api.Problem;
import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Speaks to the admin API; the server is known by its SPIFFE id. */
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
              .sslContext(tls(config))
              .connectTimeout(CONNECT)
              .version(HttpClient.Version.HTTP_1_1)
              .followRedirects(HttpClient.Redirect.NEVER)
              .build();
    } catch (IOException e) {
      throw CliException.usage("identity: " + e.getMessage());
    }
  }

  private static SSLContext tls(ClientConfig config) throws IOException {
    return switch (config.credential()) {
      case ClientConfig.Credential.Certificate(IdentityFiles files) ->
          MutualTls.load(files).client(config.server());
      case ClientConfig.Credential.Token token ->
          MutualTls.anonymousClient(token.bundle(), config.server());
    };
  }

  /** Whether it comes as a principal of a tenant, with a token. */
  boolean byToken() {
    return config.credential() instanceof ClientConfig.Credential.Token;
  }

  /**
   * Calls any operation.
   *
   * @param json the body; none when empty
   * @return an answer of 2xx, or of 404
   * @throws CliException for any other answer, with its problems
   */
  HttpResponse<String> call(String method, String path, Optional<String> json) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(config.api().resolve(path))
            .method(method, json.map(BodyPublishers::ofString).orElseGet(BodyPublishers::noBody));
    json.ifPresent(it -> request.header("Content-Type", "application/json"));
    HttpResponse<String> response = send(request);
    if (response.statusCode() / 100 == 2 || response.statusCode() == 404) {
      return response;
    }
    throw unexpected(response);
  }

  /** The same, where what is meant has to be there. */
  JsonNode json(String method, String path, Optional<String> json) {
    HttpResponse<String> response = call(method, path, json);
    if (response.statusCode() == 404) {
      throw CliException.failed(path + ": there is nothing here, or it is not yours");
    }
    return response.body().isEmpty() ? JSON.createObjectNode() : JSON.readTree(response.body());
  }

  /** All items of a list, page by page. */
  List<JsonNode> all(String path) {
    List<JsonNode> items = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    do {
      JsonNode page =
          json(
              "GET",
              path + "?limit=200" + cursor.map(it -> "&cursor=" + it).orElse(""),
              Optional.empty());
      page.path("items").forEach(items::add);
      cursor = Optional.ofNullable(page.get("next")).map(JsonNode::asString);
    } while (cursor.isPresent());
    return items;
  }

  /** The same as records. */
  <T> List<T> all(String path, Class<T> type) {
    try {
      return all(path).stream().map(it -> JSON.treeToValue(it, type)).toList();
    } catch (JacksonException e) {
      throw CliException.failed("api: " + config.api() + " sent what zenctl does not understand");
    }
  }

  /** What became of a mesh sent to the API. */
  sealed interface ApplyAnswer {
    record Accepted(AppliedView view) implements ApplyAnswer {}

    record Refused(Problem problem) implements ApplyAnswer {}
  }

  /** Entries of a tenant's record: those behind {@code after}, or the newest. */
  List<RecordView.Entry> auditEntries(Name chain, Optional<Long> after, int limit) {
    String query = "?limit=" + limit + after.map(it -> "&after=" + it).orElse("");
    return get("/v1/tenants/" + chain + "/audit" + query, RecordView.Entries.class).entries();
  }

  /** Places of the log from a position on. */
  RecordView.Leaves auditLeaves(Name chain, long from, int limit) {
    return get(
        "/v1/tenants/" + chain + "/audit/leaves?from=" + from + "&limit=" + limit,
        RecordView.Leaves.class);
  }

  /** The newest checkpoint of the audit record. */
  RecordView.Newest checkpoint() {
    return get("/v1/audit/checkpoint", RecordView.Newest.class);
  }

  /** The newest checkpoint that a witness has cosigned; empty when there is none. */
  Optional<String> cosignedCheckpoint() {
    HttpResponse<String> response = call("GET", "/v1/audit/checkpoint/cosigned", Optional.empty());
    return response.statusCode() == 200 ? Optional.of(response.body()) : Optional.empty();
  }

  /** The proof that the newest checkpoint continues one of this size. */
  RecordView.Proof consistency(long size) {
    return get("/v1/audit/consistency?from=" + size, RecordView.Proof.class);
  }

  /**
   * All that is on record under a correlation id; empty when nothing is, or it is not the caller's.
   */
  Optional<RecordView.Evidence> evidence(String correlation, Optional<Name> tenant) {
    String path =
        "/v1/evidence/" + correlation + "?limit=200" + tenant.map(it -> "&tenant=" + it).orElse("");
    List<RecordView.Proved> entries = new ArrayList<>();
    Optional<String> cursor = Optional.empty();
    RecordView.Evidence page;
    do {
      HttpResponse<String> response =
          call("GET", path + cursor.map(it -> "&cursor=" + it).orElse(""), Optional.empty());
      if (response.statusCode() == 404) {
        return Optional.empty();
      }
      page = parse(response, RecordView.Evidence.class);
      entries.addAll(page.entries());
      cursor = page.next();
    } while (cursor.isPresent());
    return Optional.of(
        new RecordView.Evidence(
            page.log(), page.chain(), page.correlation(), entries, Optional.empty()));
  }

  private <T> T get(String path, Class<T> type) {
    HttpResponse<String> response = send(HttpRequest.newBuilder(config.api().resolve(path)).GET());
    if (response.statusCode() != 200) {
      throw unexpected(response);
    }
    return parse(response, type);
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

  /**
   * Asks for a record, without a body.
   *
   * @throws CliException when it is refused, with why
   */
  <T> T ask(String method, String path, Class<T> type) {
    return parse(accepted(send(request(method, path, BodyPublishers.noBody()))), type);
  }

  /** Sends a secret, as bytes; it stays the caller's to close. */
  <T> T send(String method, String path, SecretBytes secret, Class<T> type) {
    byte[] clear = secret.copy(SecretAccess.granted());
    try {
      HttpRequest.Builder request =
          request(method, path, BodyPublishers.ofByteArray(clear))
              .header("Content-Type", "application/octet-stream");
      return parse(accepted(send(request)), type);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  /** A secret that is shown once, and what it is called. */
  static final class Shown implements AutoCloseable {
    private final String id;
    private final SecretBytes secret;

    private Shown(String id, SecretBytes secret) {
      this.id = id;
      this.secret = secret;
    }

    String id() {
      return id;
    }

    SecretBytes secret() {
      return secret;
    }

    @Override
    public void close() {
      secret.close();
    }
  }

  /** Asks for a secret, which never becomes a string here; the caller's to close. */
  Shown take(String path, String idHeader) {
    return taken(request("POST", path, BodyPublishers.noBody()), idHeader);
  }

  /** The same for a secret that is sent, which stays the caller's to close. */
  Shown take(String path, SecretBytes secret, String idHeader) {
    byte[] clear = secret.copy(SecretAccess.granted());
    try {
      return taken(
          request("POST", path, BodyPublishers.ofByteArray(clear))
              .header("Content-Type", "application/octet-stream"),
          idHeader);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  private Shown taken(HttpRequest.Builder request, String idHeader) {
    HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() != 201) {
      throw refused(response.statusCode(), new String(response.body(), StandardCharsets.UTF_8));
    }
    return new Shown(
        response.headers().firstValue(idHeader).orElse(""), SecretBytes.takeOver(response.body()));
  }

  private HttpRequest.Builder request(String method, String path, HttpRequest.BodyPublisher body) {
    return HttpRequest.newBuilder(config.api().resolve(path)).method(method, body);
  }

  private HttpResponse<String> accepted(HttpResponse<String> response) {
    if (response.statusCode() != 200) {
      throw refused(response.statusCode(), response.body());
    }
    return response;
  }

  private CliException refused(int status, String body) {
    try {
      Problem problem = JSON.readValue(body, Problem.class);
      String details =
          problem.problems().isEmpty() ? "" : ": " + String.join("; ", problem.problems());
      return CliException.failed(problem.title() + details);
    } catch (JacksonException e) {
      return CliException.failed("api: " + config.api() + " answered " + status);
    }
  }

  private HttpResponse<String> send(HttpRequest.Builder request) {
    return send(request, BodyHandlers.ofString());
  }

  private <T> HttpResponse<T> send(
      HttpRequest.Builder request, HttpResponse.BodyHandler<T> handler) {
    if (config.credential() instanceof ClientConfig.Credential.Token(Path bundle, Path file)) {
      request.header("Authorization", "Bearer " + InputFiles.token(file));
    }
    try {
      return http.send(request.timeout(ANSWER).build(), handler);
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
      Problem problem = parse(response, Problem.class);
      title =
          Optional.of(
              String.join("\n  ", problem.title(), String.join("\n  ", problem.problems()))
                  .strip());
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
