package io.zenmesh.e2e.harness;

import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * A real Redis of our own, with its security on from the first start and nothing kept on disk:
 * after a restart it is empty.
 */
public final class EmbeddedRedis extends Restartable {
  private static final Duration READY = Duration.ofSeconds(15);

  private final Supervisor supervisor;
  private final Spec spec;

  /**
   * What it is made of.
   *
   * @param name its name in the mesh
   * @param home its folder
   * @param log its log
   * @param port on 127.0.0.1
   * @param server the server's identity
   * @param password the file with the password of user {@code zen}
   * @param adminPassword the file with the password of user {@code zen-admin}
   */
  public record Spec(
      String name,
      Path home,
      Path log,
      int port,
      IdentityFiles server,
      Path password,
      Path adminPassword) {}

  private EmbeddedRedis(Supervisor supervisor, Spec spec, ChildProcess process) {
    super(process);
    this.supervisor = supervisor;
    this.spec = spec;
  }

  /**
   * Starts the server and waits until it answers.
   *
   * @throws HarnessException when it does not, with the end of its log
   */
  public static EmbeddedRedis start(Supervisor supervisor, Spec spec) {
    EmbeddedRedis redis = new EmbeddedRedis(supervisor, spec, launch(supervisor, spec));
    redis.awaitReady();
    return redis;
  }

  public HostPort address() {
    return new HostPort("127.0.0.1", spec.port());
  }

  /** What a processor needs to use it. */
  public RedisStore store() {
    return new RedisStore(address(), RedisFiles.USER, spec.password(), Optional.empty());
  }

  /** Starts it again, empty, on the same port. */
  public void restart() {
    relaunch();
    awaitReady();
  }

  /** SIGSTOP: connections stay open, nothing is answered. */
  public void pause() {
    process().pause();
  }

  public void resume() {
    process().resume();
  }

  /** FLUSHALL. */
  public void flush() {
    var _ = admin("FLUSHALL");
  }

  /** Runs one command as administrator. */
  public String admin(String... words) {
    try (RedisConnection connection =
        RedisConnection.open(address(), Optional.of(PemIdentity.mutualTls(spec.server())))) {
      connection.login(RedisFiles.ADMIN, spec.adminPassword());
      return connection.command(words);
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": " + words[0], e);
    }
  }

  private void awaitReady() {
    var _ = process().await("answers PING", READY, () -> Found.value(admin("PING")));
  }

  @Override
  ChildProcess launch() {
    return launch(supervisor, spec);
  }

  private static ChildProcess launch(Supervisor supervisor, Spec spec) {
    RedisFiles files =
        new RedisFiles(spec.home(), spec.server(), spec.password(), spec.adminPassword());
    try {
      files.write(spec.port());
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": configuration cannot be written", e);
    }
    Path program = RedisBinary.unpacked(StateDirectory.cacheDirectory());
    // Redis replaces its command line by "PROGRAM ADDRESS:PORT": only the program stays to know it
    // by.
    return supervisor.start(
        ChildSpec.of(
                spec.name(),
                List.of(program.toString(), files.configuration().toString()),
                spec.log())
            .withMarker(program.toString())
            .withWave(ChildSpec.Wave.LAST));
  }
}
