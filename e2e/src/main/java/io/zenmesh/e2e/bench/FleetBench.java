package io.zenmesh.e2e.bench;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.e2e.harness.Ports;
import io.zenmesh.e2e.harness.Progress;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.xds.client.PolicyClient;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code ./zen bench fleet}: how long one new secret takes to every processor of a large cluster.
 *
 * <p>The mesh is whole and real; the processors beyond its two are the product's own xDS clients,
 * each with a certificate and a connection of its own. The time is that of the request that rotates
 * the secret: it is answered when every node has acknowledged.
 *
 * <p>Exit status 0 when it was measured, whatever the numbers: a machine under load is no error.
 */
@Command(
    name = "bench fleet",
    mixinStandardHelpOptions = true,
    description = "Measures a secret on its way to many processors.")
public final class FleetBench implements Callable<Integer> {
  private static final int PUSH_BUDGET_MILLIS = 1_000;
  private static final Duration JOINED = Duration.ofSeconds(120);
  private static final String SECRETS = "/v1/tenants/acme/secrets/zen-key";
  private static final JsonMapper JSON = JsonMapper.shared();

  @Option(
      names = "--nodes",
      defaultValue = "100",
      description = "Processors, 3 to 100 (default ${DEFAULT-VALUE})")
  private int nodes;

  @Option(
      names = "--rounds",
      defaultValue = "20",
      description = "New secrets (default ${DEFAULT-VALUE})")
  private int rounds;

  private final SecureRandom random = new SecureRandom();

  public static void main(String[] arguments) {
    System.exit(new CommandLine(new FleetBench()).execute(arguments));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path folder = Checkout.find().root().resolve(".zen-build").resolve("bench-fleet");
    Machine machine = new Machine();
    System.out.println("machine: " + machine.describe());
    List<PolicyClient> clients = new ArrayList<>();
    try (StateDirectory state = StateDirectory.open(folder)) {
      MeshFiles files = MeshFiles.prepare(state, Ports.free(), Clock.systemUTC());
      addNodes(state);
      try (Mesh mesh = Mesh.start(files, Mesh.Options.embedded(), Progress.NONE)) {
        join(state, mesh.controlPlane().xds(), clients);
        HttpClient operator = operator(files);
        push(operator, mesh.controlPlane().api());
        // Before the mesh: they would look for it.
        clients.forEach(PolicyClient::close);
      }
      return CommandLine.ExitCode.OK;
    } catch (HarnessException e) {
      System.err.println(e.getMessage());
      return CommandLine.ExitCode.SOFTWARE;
    } finally {
      clients.forEach(PolicyClient::close);
      System.out.println(machine.disturbance());
      StateDirectory.deleteTree(folder);
    }
  }

  private static String node(int number) {
    return "more-" + number;
  }

  private void addNodes(StateDirectory state) throws IOException {
    String mesh = Files.readString(state.meshFile(), StandardCharsets.UTF_8);
    StringBuilder more = new StringBuilder();
    for (int i = 3; i <= nodes; i++) {
      // Nobody listens there: only their processors come.
      more.append(
          "    - {name: %s, listen: \"127.0.0.1:%d\", processorSocket: /nowhere/%s.sock}%n"
              .formatted(node(i), i, node(i)));
    }
    Files.writeString(state.meshFile(), mesh.replace("  ingress:\n", "  ingress:\n" + more));
  }

  private void join(StateDirectory state, HostPort xds, List<PolicyClient> clients) {
    DevPki pki = DevPki.openOrCreate(state.pki(), MeshFiles.TRUST_DOMAIN, Clock.systemUTC());
    for (int i = 3; i <= nodes; i++) {
      NodeId id = new NodeId(MeshFiles.CLUSTER, NodeRole.EXTPROC, new Name(node(i)));
      IdentityFiles identity =
          pki.issue(state.identity("extproc-" + node(i)), Leaf.workload(id.spiffePath()));
      PolicyClient client =
          new PolicyClient(
              new PolicyClient.Config(xds, server(), identity, id), candidate -> Optional.empty());
      clients.add(client);
      client.start();
    }
    Eventually.holds(
        "every processor has its keys",
        JOINED,
        () -> clients.stream().allMatch(PolicyClient::synced));
  }

  private static String server() {
    return "spiffe://" + MeshFiles.TRUST_DOMAIN + "/control-plane";
  }

  private static HttpClient operator(MeshFiles files) throws IOException {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .sslContext(MutualTls.load(files.operator()).client(SpiffeId.parse(server()).orElseThrow()))
        .build();
  }

  private void push(HttpClient operator, HostPort api) throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    int followed = 0;
    for (int i = -3; i < rounds; i++) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      String shown = "zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(key);
      long start = System.nanoTime();
      HttpResponse<String> response =
          operator.send(
              request(api, SECRETS + "/rotate?overlap=0s")
                  .header("Content-Type", "application/octet-stream")
                  .POST(BodyPublishers.ofString(shown))
                  .build(),
              BodyHandlers.ofString());
      long end = System.nanoTime();
      JsonNode changed = JSON.readTree(response.body());
      if (response.statusCode() != 200 || !changed.path("behind").isEmpty()) {
        throw new HarnessException("rotate: " + response.statusCode() + " " + response.body());
      }
      followed = changed.path("nodes").asInt(0);
      if (i >= 0) {
        millis.add((end - start) / 1e6);
      }
    }
    Medians time = Medians.of(millis);
    System.out.printf(
        Locale.ROOT,
        "secret to the last of %d acknowledgements: %.0f ms [%.0f..%.0f], %d times (budget: %d)%n",
        followed,
        time.median(),
        time.lowest(),
        time.highest(),
        rounds,
        PUSH_BUDGET_MILLIS);
  }

  private static HttpRequest.Builder request(HostPort api, String path) {
    return HttpRequest.newBuilder(URI.create("https://" + api + path)).timeout(JOINED);
  }
}
