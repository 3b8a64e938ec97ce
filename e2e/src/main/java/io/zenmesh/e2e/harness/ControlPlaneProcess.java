package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The control plane, all roles in one JVM. */
public final class ControlPlaneProcess extends Restartable {
  private static final String MAIN = "io.zenmesh.controlplane.Main";
  private static final String MODULE = "control-plane";
  private static final int HEAP_MEBIBYTES = 320;
  private static final Duration READY = Duration.ofSeconds(90);
  private static final Pattern READY_LINE =
      Pattern.compile("^ready xds=(\\S+) api=(\\S+)$", Pattern.MULTILINE);

  private final Supervisor supervisor;
  private final Spec spec;

  /**
   * What it is made of.
   *
   * @param name its name in the mesh
   * @param checkout where its classes are
   * @param trustDomain of every SPIFFE id
   * @param identity its certificate and key
   * @param xds where Envoys and processors find it
   * @param api its admin API
   * @param postgres its store
   * @param keys where its key-encryption key is
   * @param mesh the documents it applies
   * @param secrets the folder that the documents' files are in
   * @param archive where it archives the audit record of tenants with a retention; must be there
   * @param log its log
   */
  public record Spec(
      String name,
      Checkout checkout,
      String trustDomain,
      IdentityFiles identity,
      HostPort xds,
      HostPort api,
      PostgresStore postgres,
      Keys keys,
      Path mesh,
      Path secrets,
      Optional<Path> archive,
      Path log) {}

  /** Where the key-encryption key is. */
  public sealed interface Keys {
    /** In a file, made when missing. */
    record Keyset(Path file) implements Keys {}

    /**
     * In a transit engine.
     *
     * @param url {@code https://HOST:PORT/MOUNT/KEY}
     * @param token a file of mode 0600; what else is kept outside the database goes beside it
     * @param roots the engine's certificate is judged by
     */
    record Transit(String url, Path token, Path roots) implements Keys {}

    private List<String> arguments() {
      return switch (this) {
        case Keyset(Path file) -> List.of("--keyset", file.toString());
        case Transit(String url, Path token, Path roots) ->
            List.of(
                "--kek-transit",
                url,
                "--kek-transit-token",
                token.toString(),
                "--kek-transit-ca",
                roots.toString());
      };
    }
  }

  private ControlPlaneProcess(Supervisor supervisor, Spec spec) {
    super(launch(supervisor, spec));
    this.supervisor = supervisor;
    this.spec = spec;
  }

  /** Starts it; does not wait. */
  public static ControlPlaneProcess start(Supervisor supervisor, Spec spec) {
    return new ControlPlaneProcess(supervisor, spec);
  }

  public HostPort api() {
    return spec.api();
  }

  public HostPort xds() {
    return spec.xds();
  }

  /** Waits until it serves xDS and its API. */
  public ControlPlaneProcess awaitReady() {
    var _ = process().awaitLine(READY_LINE, READY);
    return this;
  }

  /** Stops it when it runs, and starts it again. */
  public void restart() {
    relaunch();
    var _ = awaitReady();
  }

  @Override
  ChildProcess launch() {
    return launch(supervisor, spec);
  }

  private static ChildProcess launch(Supervisor supervisor, Spec spec) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(
        List.of(
            "serve",
            "--trust-domain",
            spec.trustDomain(),
            "--identity",
            spec.identity().directory().toString(),
            "--xds-listen",
            spec.xds().toString(),
            "--api-listen",
            spec.api().toString(),
            "--pg",
            spec.postgres().address() + "/" + spec.postgres().database(),
            "--pg-credentials",
            spec.postgres().credentials().toString(),
            "--mesh",
            spec.mesh().toString(),
            "--secrets-dir",
            spec.secrets().toString()));
    arguments.addAll(spec.keys().arguments());
    spec.archive().ifPresent(it -> arguments.addAll(List.of("--audit-archive", it.toString())));
    Checkout checkout = spec.checkout();
    return supervisor.start(
        checkout.child(
            spec.name(),
            MODULE,
            checkout.java(MODULE, MAIN, HEAP_MEBIBYTES, arguments),
            spec.identity().directory().toString(),
            spec.log()));
  }
}
