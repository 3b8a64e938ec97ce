package io.zenmesh.e2e.harness;

import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/**
 * A whole mesh on one machine, every part real: PostgreSQL, Redis, the control plane, two ingress
 * Envoys each with its own processor, one egress Envoy.
 *
 * <p>The target is not part of it: whoever starts the mesh decides what listens on {@link
 * Part#TARGET}. Closing ends every process, the stores last. Faults are made through the parts' own
 * {@code kill}, {@code stop}, {@code restart}, {@code pause}.
 */
public final class Mesh implements AutoCloseable {
  private final MeshFiles files;
  private final Supervisor supervisor;
  private final Parts parts;

  /**
   * What a start may differ in.
   *
   * @param environment names external stores: {@code ZEN_PG_URL}, {@code ZEN_REDIS_URL}
   * @param envoyLogLevel Envoy's log level
   * @param recordClasses whether one process of each kind writes an archive of the classes it has
   *     loaded, when there is none of this build, to start faster the next time
   * @param keys where the key-encryption key is; empty: in a file of the state directory
   */
  public record Options(
      Map<String, String> environment,
      String envoyLogLevel,
      boolean recordClasses,
      Optional<ControlPlaneProcess.Keys> keys) {
    /** Keys in a file. */
    public Options(Map<String, String> environment, String envoyLogLevel, boolean recordClasses) {
      this(environment, envoyLogLevel, recordClasses, Optional.empty());
    }

    /** Stores of our own, quiet logs. */
    public static Options embedded() {
      return new Options(Map.of(), "warning", false);
    }

    /** The same with the key-encryption key elsewhere. */
    public Options with(ControlPlaneProcess.Keys other) {
      return new Options(environment, envoyLogLevel, recordClasses, Optional.of(other));
    }
  }

  record Parts(
      Optional<EmbeddedPostgres> postgres,
      Optional<EmbeddedRedis> redis,
      RedisStore redisStore,
      ControlPlaneProcess controlPlane,
      Map<String, ExtProcProcess> processors,
      Map<String, EnvoyProcess> envoys) {}

  private Mesh(MeshFiles files, Supervisor supervisor, Parts parts) {
    this.files = files;
    this.supervisor = supervisor;
    this.parts = parts;
  }

  /**
   * Starts everything and waits until a webhook can pass.
   *
   * @throws HarnessException when a part does not become ready; nothing is left running then
   */
  public static Mesh start(MeshFiles files, Options options, Progress progress) {
    return start(files, options, progress, new Supervisor(files.state().run()));
  }

  /**
   * The same, with the processes owned by a supervisor of the caller's, who can so end a start that
   * is under way.
   */
  public static Mesh start(
      MeshFiles files, Options options, Progress progress, Supervisor supervisor) {
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      try {
        EnvoyBinary envoy = EnvoyBinary.find();
        MeshStart start = new MeshStart(files, options, progress, supervisor, envoy, threads);
        return new Mesh(files, supervisor, start.everything());
      } catch (RuntimeException | Error e) {
        // Before the threads are awaited: ending the processes ends their waiting, too.
        supervisor.close();
        throw e;
      }
    } catch (CompletionException e) {
      throw e.getCause() instanceof HarnessException cause ? cause : e;
    }
  }

  public MeshFiles files() {
    return files;
  }

  /** For processes that a test adds. */
  public Supervisor supervisor() {
    return supervisor;
  }

  /** Empty when PostgreSQL is external. */
  public Optional<EmbeddedPostgres> postgres() {
    return parts.postgres();
  }

  /** Its own database, for the product's logins; fails when PostgreSQL is external. */
  public PostgresAddress database() {
    return PostgresAddress.parse(
        parts.postgres().orElseThrow().address() + "/" + EmbeddedPostgres.DATABASE,
        files.postgresCredentials());
  }

  /** Empty when Redis is external. */
  public Optional<EmbeddedRedis> redis() {
    return parts.redis();
  }

  public ControlPlaneProcess controlPlane() {
    return parts.controlPlane();
  }

  /** The names of the ingress nodes. */
  public List<String> ingressNodes() {
    return MeshFiles.INGRESS;
  }

  /** The processor beside the Envoy of this name. */
  public ExtProcProcess processor(String node) {
    return found(parts.processors().get(node), node);
  }

  /** The Envoy of this name: {@code ingress-1}, {@code ingress-2}, {@code egress-1}. */
  public EnvoyProcess envoy(String node) {
    return found(parts.envoys().get(node), node);
  }

  /** Every process that runs now. */
  public List<ChildProcess> running() {
    return supervisor.running();
  }

  /** Starts one more Redis, empty, with the same users and its own name. */
  public EmbeddedRedis anotherRedis(String name) {
    return EmbeddedRedis.start(supervisor, MeshStart.redisSpec(files, name, Ports.anyFree()));
  }

  /** The Redis that the processors were started with. */
  public RedisStore redisStore() {
    return parts.redisStore();
  }

  @Override
  public void close() {
    supervisor.close();
  }

  private static <T> T found(@Nullable T part, String name) {
    return Optional.ofNullable(part)
        .orElseThrow(() -> new HarnessException("node: " + name + " (expected: one of the mesh)"));
  }
}
