package io.zenmesh.e2e.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.fixture.AdminApi;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.ChildProcess;
import io.zenmesh.e2e.harness.ChildSpec;
import io.zenmesh.e2e.harness.DemoEndpoint;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.e2e.harness.ExtProcProcess;
import io.zenmesh.e2e.harness.SecretFiles;
import io.zenmesh.xds.traces.ByteScan;
import io.zenmesh.xds.traces.HeapDump;
import io.zenmesh.xds.traces.LeakOnPurpose;
import io.zenmesh.xds.traces.PlantedSecret;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.SortedSet;
import java.util.function.Predicate;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * What a processor that has verified with secrets keeps of them on its heap once they are
 * withdrawn. Each look first finds a live secret, and one that was left there on purpose.
 */
@ExtendWith(FaultyMesh.class)
class ProcessorTracesIT {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final String NODE = "ingress-1";
  private static final String MAIN = "io.zenmesh.extproc.Main";
  private static final List<DemoEndpoint> ENDPOINTS =
      DemoEndpoint.ALL.stream().filter(it -> it.tenant().value().equals("acme")).toList();

  @TempDir Path folder;
  private final RunningMesh running;
  private final KeyedSender sender;
  private final AdminApi api;
  private final Rig.Ingress ingress;
  private final ExtProcProcess usual;
  private final byte[] leak = new byte[32];
  private ChildProcess leaking;

  ProcessorTracesIT(RunningMesh running) throws IOException {
    this.running = running;
    this.sender = new KeyedSender(running);
    this.api = new AdminApi(running);
    this.ingress = running.ingress(NODE);
    this.usual = running.mesh().processor(NODE);
    this.leaking = usual.process();
  }

  /** Puts one in the place of the mesh's own that has the same program, arguments and identity. */
  @BeforeEach
  void replace() throws IOException {
    new SecureRandom().nextBytes(leak);
    Path file = Files.write(folder.resolve("leak"), leak);
    List<String> command = commandLine(usual.process().pid());
    int main = command.indexOf(MAIN);
    command.set(main, LeakingProcessor.class.getName());
    command.add(main + 1, file.toString());
    int classPath = command.indexOf("-cp") + 1;
    command.set(
        classPath,
        String.join(
            ":", command.get(classPath), home(LeakingProcessor.class), home(LeakOnPurpose.class)));
    usual.stop();
    Files.deleteIfExists(usual.socket());
    Path log = running.state().log("extproc-leaking");
    leaking = running.mesh().supervisor().start(ChildSpec.of("extproc-leaking", command, log));
    int ready =
        leaking.await(
            "/readyz",
            PATIENCE,
            () -> {
              int status = usual.get("/readyz").statusCode();
              return status == 200 ? Found.value(status) : Found.instead("" + status);
            });
    assertThat(ready).isEqualTo(200);
  }

  @AfterEach
  void restore() throws IOException {
    try (api) {
      for (DemoEndpoint endpoint : ENDPOINTS) {
        put(endpoint, running.mesh().files().secret(endpoint));
      }
    }
    leaking.stop();
    usual.restart();
    for (DemoEndpoint endpoint : ENDPOINTS) {
      assertThat(sender.send(endpoint, running.mesh().files().secret(endpoint), ingress))
          .hasValue(200);
    }
  }

  private static List<String> commandLine(long pid) throws IOException {
    String words = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"));
    List<String> command = new ArrayList<>(Arrays.asList(words.split("\0", -1)));
    command.removeLast();
    return command;
  }

  private static String home(Class<?> type) {
    return Objects.requireNonNull(type.getProtectionDomain().getCodeSource())
        .getLocation()
        .getPath();
  }

  private static String path(DemoEndpoint endpoint) {
    return "/v1/tenants/acme/secrets/" + endpoint.name() + "-key";
  }

  private void put(DemoEndpoint endpoint, Path file) throws IOException {
    var _ = api.done("PUT", path(endpoint), trimmed(file));
  }

  /** A new value in the form of each provider, made known and used. */
  private List<Path> useNew(String round) throws IOException {
    List<Path> files = new ArrayList<>();
    for (DemoEndpoint endpoint : ENDPOINTS) {
      Path file = folder.resolve(endpoint.name() + "-" + round);
      SecretFiles.provider(file, endpoint.kind());
      put(endpoint, file);
      assertThat(sender.send(endpoint, file, ingress)).as("%s", endpoint.ref()).hasValue(200);
      files.add(file);
    }
    return files;
  }

  /** The number of its newest live version. */
  private long live(DemoEndpoint endpoint) throws IOException {
    return live(
        "/v1/tenants/acme/secrets",
        it -> it.path("name").asString().equals(endpoint.name() + "-key"));
  }

  private long live(String path, Predicate<JsonNode> which) throws IOException {
    JsonNode all = new JsonMapper().readTree(api.done("GET", path, new byte[0]));
    return StreamSupport.stream(all.path("items").spliterator(), false)
        .filter(which)
        .flatMap(it -> StreamSupport.stream(it.path("versions").spliterator(), false))
        .filter(it -> it.path("state").asString().equals("live"))
        .mapToLong(it -> it.path("version").asLong())
        .max()
        .orElseThrow();
  }

  private Path issueKey() throws IOException {
    Path file = folder.resolve("derived");
    return Files.writeString(
        file, api.done("POST", "/v1/tenants/acme/keys/edge-local/ingress", new byte[0]));
  }

  /** As shown, and as the bytes that count. */
  private static List<PlantedSecret> planted(Path file) throws IOException {
    byte[] shown = trimmed(file);
    String name = String.valueOf(file.getFileName());
    String text = new String(shown, StandardCharsets.US_ASCII);
    PlantedSecret asShown = new PlantedSecret(name, shown);
    return text.startsWith("zenk1_")
        ? List.of(
            asShown,
            new PlantedSecret(name + " decoded", Base64.getUrlDecoder().decode(text.substring(6))))
        : text.startsWith("whsec_") && text.endsWith("=")
            ? List.of(
                asShown,
                new PlantedSecret(name + " decoded", Base64.getDecoder().decode(text.substring(6))))
            : List.of(asShown);
  }

  private static byte[] trimmed(Path file) throws IOException {
    return Files.readString(file).strip().getBytes(StandardCharsets.US_ASCII);
  }

  private SortedSet<String> onTheHeap(List<Path> files) throws Exception {
    List<PlantedSecret> wanted = new ArrayList<>();
    wanted.add(new PlantedSecret(LeakOnPurpose.NAME, leak));
    for (Path file : files) {
      wanted.addAll(planted(file));
    }
    return new ByteScan(wanted).in(HeapDump.of(leaking.pid(), folder));
  }

  @Test
  void K06_withdrawnKeys_areNotInAHeapDumpOfTheProcessor() throws Exception {
    DemoEndpoint zen = ENDPOINTS.getFirst();
    List<Path> first = useNew("first");
    Path derived = issueKey();
    assertThat(sender.send(zen, derived, ingress)).hasValue(200);
    // Nothing of a live secret is claimed; that used ones are found shows that the look is good.
    assertThat(onTheHeap(Stream.concat(first.stream(), Stream.of(derived)).toList()))
        .containsAll(LeakOnPurpose.FOUND)
        .anyMatch(it -> it.startsWith("zen-first decoded"))
        .anyMatch(it -> it.startsWith("github-first"))
        .anyMatch(it -> it.startsWith("gitlab-first"))
        .anyMatch(it -> it.startsWith("stripe-first"))
        .anyMatch(it -> it.startsWith("standard-first decoded"))
        .anyMatch(it -> it.startsWith("derived decoded"));

    long issued = live("/v1/tenants/acme/keys", it -> true);
    List<Path> second = useNew("second");
    Path third = folder.resolve("zen-third");
    SecretFiles.provider(third, zen.kind());
    long number = live(zen);
    var _ = api.done("POST", path(zen) + "/rotate?overlap=1h", trimmed(third));
    assertThat(sender.send(zen, third, ingress)).hasValue(200);
    assertThat(sender.send(zen, second.getFirst(), ingress)).hasValue(200);
    var _ = api.done("POST", path(zen) + "/versions/" + number + "/revoke", new byte[0]);
    var _ =
        api.done(
            "POST",
            "/v1/tenants/acme/keys/edge-local/ingress/versions/" + issued + "/revoke",
            new byte[0]);
    List<Path> withdrawn = new ArrayList<>(first);
    withdrawn.addAll(List.of(derived, second.getFirst()));
    assertThat(sender.send(zen, derived, ingress)).hasValue(401);
    assertThat(sender.send(zen, second.getFirst(), ingress)).hasValue(401);

    assertThat(onTheHeap(Stream.concat(withdrawn.stream(), Stream.of(third)).toList()))
        .containsAll(LeakOnPurpose.FOUND)
        .anyMatch(it -> it.startsWith("zen-third decoded"))
        .allMatch(it -> it.startsWith(LeakOnPurpose.NAME) || it.startsWith("zen-third"));
  }
}
