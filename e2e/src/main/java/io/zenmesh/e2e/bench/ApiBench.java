package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.e2e.harness.Ports;
import io.zenmesh.e2e.harness.Progress;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import javax.net.ssl.SSLContext;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code ./zen bench api}: how fast the admin API answers a tenant's token at a steady rate, over
 * TLS on kept connections: reads, and one write in twenty. The mesh around it is whole and real,
 * and on the same machine, as is the client.
 *
 * <p>Exit status 0 when it was measured, whatever the numbers: a machine under load is no error.
 */
@Command(
    name = "bench api",
    mixinStandardHelpOptions = true,
    description = "Measures the admin API at a steady rate; about a minute.")
public final class ApiBench implements Callable<Integer> {
  private static final int BUDGET_MILLIS = 50;
  private static final int WRITE_EVERY = 20;
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String TENANT = "/v1/tenants/acme";
  private static final List<String> READS =
      List.of("/endpoints", "/destinations", "/principals", "/secrets", "/audit?limit=20");

  @Option(
      names = "--rate",
      defaultValue = "200",
      description = "Requests a second (default ${DEFAULT-VALUE})")
  private int rate;

  @Option(
      names = "--seconds",
      defaultValue = "20",
      description =
          "How long it is measured, after as long of warming up (default ${DEFAULT-VALUE})")
  private int seconds;

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new ApiBench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Checkout.find().root().resolve(".zen-build").resolve("bench-api");
    Machine machine = new Machine();
    System.out.println("machine: " + machine.describe());
    try (StateDirectory state = StateDirectory.open(folder)) {
      MeshFiles files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
      try (Mesh mesh = Mesh.start(files, Mesh.Options.embedded(), Progress.NONE)) {
        HostPort api = mesh.controlPlane().api();
        String token = token(files, api);
        try (HttpClient tenant = client(MutualTls.anonymousClient(files.roots(), server()))) {
          load(tenant, api, token);
          report(load(tenant, api, token));
        }
      }
      return CommandLine.ExitCode.OK;
    } catch (HarnessException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      System.out.println(machine.disturbance());
      StateDirectory.deleteTree(folder);
    }
  }

  private static SpiffeId server() {
    return SpiffeId.parse("spiffe://" + MeshFiles.TRUST_DOMAIN + "/control-plane").orElseThrow();
  }

  private static HttpClient client(SSLContext tls) {
    return HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).sslContext(tls).build();
  }

  private static String token(MeshFiles files, HostPort api)
      throws IOException, InterruptedException {
    try (HttpClient operator = client(MutualTls.load(files.operator()).client(server()))) {
      sent(operator, json(api, "PUT", "/principals/bench", "{\"role\":\"owner\"}"));
      String made =
          sent(
              operator,
              json(api, "POST", "/tokens", "{\"principal\":\"bench\",\"lifeSeconds\":3600}"));
      return JsonMapper.shared().readTree(made).path("token").asString();
    }
  }

  private static String sent(HttpClient client, HttpRequest.Builder request)
      throws IOException, InterruptedException {
    var response = client.send(request.build(), BodyHandlers.ofString());
    if (response.statusCode() != 201) {
      throw new HarnessException("api: " + response.statusCode() + " (expected: 201)");
    }
    return response.body();
  }

  private record Load(Latencies reads, Latencies writes, long good, int sent) {}

  /** Open loop: a request is due when it is due, and late ones count from then. */
  private Load load(HttpClient tenant, HostPort api, String token) {
    Latencies reads = new Latencies();
    Latencies writes = new Latencies();
    List<CompletableFuture<Boolean>> answers = new ArrayList<>();
    long gap = TimeUnit.SECONDS.toNanos(1) / rate;
    long first = System.nanoTime();
    for (int i = 0; i < rate * seconds; i++) {
      long due = first + i * gap;
      while (System.nanoTime() < due) {
        LockSupport.parkNanos(due - System.nanoTime());
      }
      Latencies latencies = writes(i) ? writes : reads;
      answers.add(
          tenant
              .sendAsync(
                  request(api, i).header("Authorization", "Bearer " + token).build(),
                  BodyHandlers.discarding())
              .thenApply(response -> {
                synchronized (latencies) {
                  latencies.add(System.nanoTime() - due);
                }
                return response.statusCode() / 100 == 2;
              }));
    }
    long good = answers.stream().filter(CompletableFuture::join).count();
    return new Load(reads, writes, good, answers.size());
  }

  private static boolean writes(int number) {
    return number % WRITE_EVERY == 0;
  }

  private static HttpRequest.Builder request(HostPort api, int number) {
    return writes(number)
        ? json(api, "PUT", "/principals/p" + number % 100, "{\"role\":\"viewer\"}")
        : at(api, READS.get(number % READS.size()));
  }

  private static HttpRequest.Builder json(HostPort api, String method, String path, String body) {
    return at(api, path)
        .header("Content-Type", "application/json")
        .method(method, BodyPublishers.ofString(body));
  }

  private static HttpRequest.Builder at(HostPort api, String path) {
    return HttpRequest.newBuilder(URI.create("https://" + api + TENANT + path)).timeout(PATIENCE);
  }

  private void report(Load load) {
    System.out.printf(
        Locale.ROOT,
        "API at %d requests/s, %d of %d answered 2xx (budget of p99: %d ms)%n",
        rate,
        load.good(),
        load.sent(),
        BUDGET_MILLIS);
    line("reads", load.reads());
    line("writes", load.writes());
  }

  private static void line(String what, Latencies latencies) {
    System.out.printf(
        Locale.ROOT,
        "  %-6s  p50 %6.1f ms  p99 %6.1f ms%n",
        what,
        latencies.quantile(0.5).toNanos() / 1e6,
        latencies.quantile(0.99).toNanos() / 1e6);
  }
}
