package io.zenmesh.e2e.harness;

import io.zenmesh.e2e.harness.Eventually.Found;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A real Envoy with one worker, started from a bootstrap that it has validated before. */
public final class EnvoyProcess implements AutoCloseable {
  private static final Duration READY = Duration.ofSeconds(90);

  private final Supervisor supervisor;
  private final Spec spec;
  private volatile ChildProcess process;

  /**
   * What it is made of.
   *
   * @param name its name in the mesh
   * @param binary the program
   * @param home its folder
   * @param log its log
   * @param bootstrap the YAML it is started with
   * @param adminSocket the Unix socket of its admin interface
   * @param listener the name of the listener it must have got to be ready; empty for none
   * @param logLevel Envoy's log level
   */
  public record Spec(
      String name,
      EnvoyBinary binary,
      Path home,
      Path log,
      String bootstrap,
      Path adminSocket,
      Optional<String> listener,
      String logLevel) {}

  private EnvoyProcess(Supervisor supervisor, Spec spec, ChildProcess process) {
    this.supervisor = supervisor;
    this.spec = spec;
    this.process = process;
  }

  /**
   * Validates the bootstrap and starts Envoy; does not wait.
   *
   * @throws HarnessException when {@code envoy --mode validate} refuses the bootstrap
   */
  public static EnvoyProcess start(Supervisor supervisor, Spec spec) {
    return new EnvoyProcess(supervisor, spec, launch(supervisor, spec, true));
  }

  public String name() {
    return spec.name();
  }

  public ChildProcess process() {
    return process;
  }

  public Path adminSocket() {
    return spec.adminSocket();
  }

  /** Waits until it is live and its listener is active. */
  public EnvoyProcess awaitReady() {
    var _ =
        process.await(
            "ready with listener " + spec.listener().orElse("(none)"),
            READY,
            () -> {
              UnixHttp.Answer ready = UnixHttp.get(spec.adminSocket(), "/ready");
              String listeners = UnixHttp.get(spec.adminSocket(), "/listeners").body();
              boolean active =
                  spec.listener().stream()
                      .allMatch(l -> listeners.lines().anyMatch(line -> line.startsWith(l + "::")));
              return ready.status() == 200 && active
                  ? Found.value(listeners)
                  : Found.instead(ready.body().strip() + ", listeners: " + listeners.strip());
            });
    return this;
  }

  /** The answer of the admin interface, where it allows the path. */
  public String admin(String path) {
    try {
      UnixHttp.Answer answer = UnixHttp.get(spec.adminSocket(), path);
      if (answer.status() != 200) {
        throw new HarnessException(spec.name() + ": admin " + path + ": " + answer.status());
      }
      return answer.body();
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": admin " + path, e);
    }
  }

  /** Stops it when it runs, and starts it again with the same bootstrap. */
  public void restart() {
    process.stop();
    process = launch(supervisor, spec, false);
    var _ = awaitReady();
  }

  public void kill() {
    process.kill();
  }

  public void stop() {
    process.stop();
  }

  @Override
  public void close() {
    stop();
  }

  private static ChildProcess launch(Supervisor supervisor, Spec spec, boolean validate) {
    Path file = spec.home().resolve("bootstrap.yaml");
    try {
      StateDirectory.createPrivate(spec.home());
      Files.writeString(file, spec.bootstrap());
      Files.deleteIfExists(spec.adminSocket());
    } catch (IOException e) {
      throw new HarnessException(spec.name() + ": bootstrap cannot be written", e);
    }
    List<String> command =
        new ArrayList<>(List.of(spec.binary().path().toString(), "--config-path", file.toString()));
    if (validate) {
      List<String> check =
          List.of(
              spec.binary().path().toString(),
              "--mode",
              "validate",
              "--disable-hot-restart",
              "-l",
              "error",
              "--config-path",
              file.toString());
      Programs.Outcome outcome = supervisor.run(spec.name() + "-validate", check);
      if (outcome.status() != 0) {
        throw new HarnessException(spec.name() + ": envoy refuses " + file, outcome.output());
      }
    }
    // Hot restart would need shared memory and abstract sockets that outlive a killed process.
    command.addAll(List.of("--concurrency", "1", "--disable-hot-restart", "-l", spec.logLevel()));
    return supervisor.start(
        ChildSpec.of(spec.name(), command, spec.log()).withMarker(file.toString()));
  }
}
