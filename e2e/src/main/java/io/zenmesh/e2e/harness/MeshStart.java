package io.zenmesh.e2e.harness;

import io.zenmesh.xds.resource.Bootstrap;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.function.Supplier;

/** One start of a mesh: who waits for whom; everything that can runs at the same time. */
record MeshStart(
    MeshFiles files,
    Mesh.Options options,
    Progress progress,
    Supervisor supervisor,
    EnvoyBinary binary,
    ExecutorService threads) {

  Mesh.Parts everything() {
    Checkout checkout = Checkout.find();
    Optional<PostgresStore> externalPostgres = PostgresStore.external(options.environment());
    Optional<RedisStore> externalRedis = RedisStore.external(options.environment());
    CompletableFuture<Optional<EmbeddedPostgres>> postgres =
        later(() -> externalPostgres.isPresent() ? Optional.empty() : Optional.of(postgres()));
    CompletableFuture<Optional<EmbeddedRedis>> redis =
        later(() -> externalRedis.isPresent() ? Optional.empty() : Optional.of(redis()));
    CompletableFuture<RedisStore> redisStore =
        redis.thenApply(own -> own.map(EmbeddedRedis::store).or(() -> externalRedis).orElseThrow());
    Map<String, CompletableFuture<ExtProcProcess>> processors = new LinkedHashMap<>();
    for (String node : MeshFiles.INGRESS) {
      processors.put(
          node, redisStore.thenApplyAsync(store -> processor(checkout, node, store), threads));
    }
    CompletableFuture<ControlPlaneProcess> controlPlane =
        postgres.thenApplyAsync(
            own ->
                controlPlane(
                    checkout, externalPostgres.orElseGet(() -> own(own)), archive(own.isPresent())),
            threads);
    Map<String, CompletableFuture<EnvoyProcess>> envoys = new LinkedHashMap<>();
    for (String node : nodes()) {
      envoys.put(node, controlPlane.thenApplyAsync(ready -> envoy(node), threads));
    }
    List<CompletableFuture<?>> all = new ArrayList<>(processors.values());
    all.addAll(envoys.values());
    awaitAllOrFirstFailure(all);
    return new Mesh.Parts(
        postgres.join(),
        redis.join(),
        redisStore.join(),
        controlPlane.join(),
        joined(processors),
        joined(envoys));
  }

  /** Not allOf alone: it would wait for parts that wait in vain for the one that failed. */
  private static void awaitAllOrFirstFailure(List<CompletableFuture<?>> all) {
    CompletableFuture<Void> end = new CompletableFuture<>();
    for (CompletableFuture<?> one : all) {
      var _ =
          one.whenComplete((value, failure) -> {
            if (failure != null) {
              var _ = end.completeExceptionally(failure);
            }
          });
    }
    var _ =
        CompletableFuture.allOf(all.toArray(CompletableFuture[]::new))
            .thenRun(() -> end.complete(null));
    end.join();
  }

  private PostgresStore own(Optional<EmbeddedPostgres> postgres) {
    return new PostgresStore(
        postgres.orElseThrow().address(), EmbeddedPostgres.DATABASE, files.postgresCredentials());
  }

  private static List<String> nodes() {
    List<String> nodes = new ArrayList<>(MeshFiles.INGRESS);
    nodes.add(MeshFiles.EGRESS);
    return nodes;
  }

  private EmbeddedPostgres postgres() {
    return timed(
        "postgres",
        () -> {
          EmbeddedPostgres postgres = EmbeddedPostgres.start(supervisor, postgresSpec(files));
          postgres.roles().bootstrap(files.postgresCredentials(), MeshFiles.LOGIN_ROLES);
          return postgres;
        });
  }

  static EmbeddedPostgres.Spec postgresSpec(MeshFiles files) {
    return new EmbeddedPostgres.Spec(
        "postgres",
        files.state().postgres(),
        files.state().log("postgres"),
        files.ports().of(Part.POSTGRES),
        files.identity("postgres"),
        files.identity("postgres-superuser"));
  }

  static EmbeddedRedis.Spec redisSpec(MeshFiles files, String name, int port) {
    return new EmbeddedRedis.Spec(
        name,
        files.state().redis().resolve(name),
        files.state().log(name),
        port,
        files.identity("redis"),
        files.redisPassword(),
        files.redisAdminPassword());
  }

  private EmbeddedRedis redis() {
    return timed(
        "redis",
        () ->
            EmbeddedRedis.start(
                supervisor, redisSpec(files, "redis", files.ports().of(Part.REDIS))));
  }

  private ExtProcProcess processor(Checkout checkout, String node, RedisStore redis) {
    String name = "extproc-" + node;
    Part admin = node.equals(MeshFiles.INGRESS.getFirst()) ? Part.PROCESSOR_1 : Part.PROCESSOR_2;
    return timed(
        name,
        () ->
            ExtProcProcess.start(
                    supervisor,
                    new ExtProcProcess.Spec(
                        name,
                        options.recordClasses() && node.equals(MeshFiles.INGRESS.getFirst())
                            ? checkout.recording("extproc")
                            : checkout,
                        MeshFiles.processor(node),
                        MeshFiles.TRUST_DOMAIN,
                        files.identity(name),
                        files.ports().address(Part.XDS),
                        files.processorSocket(node),
                        files.ports().address(admin),
                        // One for both: a provider hands its secret to either of them.
                        files.state().extproc("shared").resolve("handed-over"),
                        files.state().extproc(node).resolve("receipts"),
                        files.state().log(name)),
                    redis)
                .awaitReady());
  }

  private static ControlPlaneProcess.Keys keyset(StateDirectory state) {
    return new ControlPlaneProcess.Keys.Keyset(state.controlPlane().resolve("keyset.json"));
  }

  /** Whoever owns the database decides whether the login that prunes is there. */
  private Optional<Path> archive(boolean own) {
    Path folder = files.state().controlPlane().resolve("archive");
    try {
      StateDirectory.createPrivate(folder);
      return own ? Optional.of(folder) : Optional.empty();
    } catch (IOException e) {
      throw new HarnessException("state: " + folder + " cannot be made", e);
    }
  }

  private ControlPlaneProcess controlPlane(
      Checkout checkout, PostgresStore postgres, Optional<Path> archive) {
    StateDirectory state = files.state();
    return timed(
        "control-plane",
        () ->
            ControlPlaneProcess.start(
                    supervisor,
                    new ControlPlaneProcess.Spec(
                        "control-plane",
                        options.recordClasses() ? checkout.recording("control-plane") : checkout,
                        MeshFiles.TRUST_DOMAIN,
                        files.identity("control-plane"),
                        files.ports().address(Part.XDS),
                        files.ports().address(Part.API),
                        postgres,
                        options.keys().orElseGet(() -> keyset(state)),
                        state.meshFile(),
                        state.secrets(),
                        archive,
                        state.log("control-plane")))
                .awaitReady());
  }

  private EnvoyProcess envoy(String node) {
    String name = "envoy-" + node;
    Bootstrap.Spec bootstrap =
        new Bootstrap.Spec(
            MeshFiles.envoy(node),
            files.ports().address(Part.XDS),
            "spiffe://" + MeshFiles.TRUST_DOMAIN + "/control-plane",
            files.identity(name),
            files.state().socketPath(name));
    String listener = node.equals(MeshFiles.EGRESS) ? "egress" : "ingress";
    return timed(
        name,
        () ->
            EnvoyProcess.start(
                    supervisor,
                    new EnvoyProcess.Spec(
                        name,
                        binary,
                        files.state().envoy(node),
                        files.state().log(name),
                        Bootstrap.render(bootstrap),
                        bootstrap.adminSocket(),
                        Optional.of(listener),
                        options.envoyLogLevel()))
                .awaitReady());
  }

  private <T> T timed(String part, Supplier<T> start) {
    progress.started(part);
    long begin = System.nanoTime();
    T started = start.get();
    progress.ready(part, Duration.ofNanos(System.nanoTime() - begin));
    return started;
  }

  private <T> CompletableFuture<T> later(Supplier<T> start) {
    return CompletableFuture.supplyAsync(start, threads);
  }

  private static <T> Map<String, T> joined(Map<String, CompletableFuture<T>> futures) {
    Map<String, T> values = new LinkedHashMap<>();
    futures.forEach((name, future) -> values.put(name, future.join()));
    return Map.copyOf(values);
  }
}
