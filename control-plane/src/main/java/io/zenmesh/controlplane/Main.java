package io.zenmesh.controlplane;

import io.zenmesh.controlplane.store.postgres.PostgresAddress;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * The control plane's process. Prints {@code ready xds=HOST:PORT api=HOST:PORT} when it serves;
 * ends on SIGTERM with 0, on wrong usage or a malformed mesh file on an empty store with 2, on
 * anything else with 1.
 */
@Command(
    name = "control-plane",
    description = "The management process of a Zen mesh.",
    mixinStandardHelpOptions = true,
    subcommands = {Main.Serve.class, CommandLine.HelpCommand.class})
public final class Main implements Runnable {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;

  @Spec private CommandSpec spec;

  private Main() {}

  /** The process's entry. */
  public static void main(String[] arguments) {
    PrintWriter err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
    int code =
        new CommandLine(new Main())
            .setErr(err)
            .setExecutionExceptionHandler((failure, command, parsed) -> {
              command.getErr().println(failure.getMessage());
              return failure instanceof StartException known ? known.exitCode() : FAILED;
            })
            .execute(arguments);
    System.exit(code);
  }

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: serve)");
  }

  @Command(
      name = "serve",
      mixinStandardHelpOptions = true,
      description = "Serves nodes over xDS and operators over HTTPS until SIGTERM.")
  static final class Serve implements Callable<Integer> {
    @Option(
        names = "--trust-domain",
        required = true,
        paramLabel = "DOMAIN",
        description = "The SPIFFE trust domain of the mesh.")
    private String trustDomain;

    @Option(
        names = "--identity",
        required = true,
        paramLabel = "DIR",
        description = "svid.pem, key.pem and bundle.pem of this process.")
    private Path identity;

    @Option(
        names = "--xds-listen",
        required = true,
        paramLabel = "HOST:PORT",
        description = "Where nodes connect; port 0 takes a free one.")
    private String xdsListen;

    @Option(
        names = "--api-listen",
        required = true,
        paramLabel = "HOST:PORT",
        description = "Where operators connect; port 0 takes a free one.")
    private String apiListen;

    @Option(
        names = "--pg",
        required = true,
        paramLabel = "HOST:PORT/DB",
        description = "The PostgreSQL database.")
    private String pg;

    @Option(
        names = "--pg-credentials",
        required = true,
        paramLabel = "DIR",
        description =
            "root.pem, and a directory for each of zen_owner, zen_app, zen_fleet, zen_audit;"
                + " zen_retention with --audit-archive.")
    private Path pgCredentials;

    @ArgGroup(exclusive = true, multiplicity = "1")
    private KeyOptions keys = new KeyOptions();

    @Option(
        names = "--mesh",
        required = true,
        paramLabel = "FILE",
        description = "The mesh file; applied at start and whenever it changes.")
    private Path mesh;

    @Option(
        names = "--desired-state",
        paramLabel = "file|api",
        defaultValue = "file",
        description =
            "file: the mesh file is the desired state. api: the API changes it, and the mesh file"
                + " only fills an empty database. Default: ${DEFAULT-VALUE}.")
    private String desiredState;

    @Option(
        names = "--secrets-dir",
        paramLabel = "DIR",
        description = "Where the mesh file's relative files lie; default: its own folder.")
    private Optional<Path> secrets = Optional.empty();

    @Option(
        names = "--audit-dir",
        paramLabel = "DIR",
        description =
            "Where checkpoints of the audit record are kept, outside the database; default: audit"
                + " beside the keyset, or beside the transit token; needed with a cloud's KMS.")
    private Optional<Path> audit = Optional.empty();

    @Mixin private ArchiveOptions archive = new ArchiveOptions();
    @Mixin private WitnessOptions witness = new WitnessOptions();

    @Option(
        names = "--accept-missing-checkpoint",
        description =
            "Takes an audit record that has lost its checkpoint as it is, once; goes on record.")
    private boolean acceptMissingCheckpoint;

    @Override
    public Integer call() throws InterruptedException {
      InetSocketAddress xds = address("--xds-listen", xdsListen);
      InetSocketAddress api = address("--api-listen", apiListen);
      ControlPlane controlPlane = new ControlPlane(settings(xds, api), Clock.systemUTC());
      CountDownLatch ended = new CountDownLatch(1);
      ControlPlane.Ports ports = controlPlane.start();
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("shutdown")
                  .unstarted(() -> {
                    controlPlane.close();
                    ended.countDown();
                    // Without it the JVM reports the signal, and an orderly end looks like a
                    // failure.
                    Runtime.getRuntime().halt(DONE);
                  }));
      System.out.println(
          "ready xds=" + shown(xds, ports.xds()) + " api=" + shown(api, ports.api()));
      ended.await();
      return DONE;
    }

    private ControlPlane.Settings settings(InetSocketAddress xds, InetSocketAddress api) {
      if (SpiffeId.parse("spiffe://" + trustDomain).isEmpty()) {
        throw StartException.usage(
            "--trust-domain: " + trustDomain + " (expected: a SPIFFE trust domain)");
      }
      Path folder = secrets.orElseGet(() -> mesh.toAbsolutePath().resolveSibling(""));
      for (Path directory : new Path[] {identity, pgCredentials, folder}) {
        if (!Files.isDirectory(directory)) {
          throw StartException.usage("directory: " + directory + " (expected: to exist)");
        }
      }
      PostgresAddress database;
      try {
        database = PostgresAddress.parse(pg, pgCredentials);
      } catch (IllegalArgumentException e) {
        throw StartException.usage("--" + e.getMessage());
      }
      return new ControlPlane.Settings(
          trustDomain,
          new IdentityFiles(identity),
          xds,
          api,
          database,
          keys.place(),
          mesh,
          fileRules(),
          folder,
          audit.orElseGet(keys::auditFolder),
          archive.place(),
          witness.place(),
          acceptMissingCheckpoint,
          name -> Optional.ofNullable(System.getenv(name)));
    }

    private boolean fileRules() {
      return switch (desiredState) {
        case "file" -> true;
        case "api" -> false;
        default ->
            throw StartException.usage(
                "--desired-state: " + desiredState + " (expected: file or api)");
      };
    }

    private static String shown(InetSocketAddress asked, int port) {
      String host = asked.getHostString();
      return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }

    private static InetSocketAddress address(String option, String text) {
      int colon = text.lastIndexOf(':');
      String host = colon < 0 ? "" : text.substring(0, colon);
      String port = text.substring(colon + 1);
      if (host.isEmpty() || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65535) {
        throw StartException.usage(option + ": " + text + " (expected: HOST:PORT)");
      }
      boolean literal6 = host.startsWith("[") && host.endsWith("]");
      try {
        String name = literal6 ? host.substring(1, host.length() - 1) : host;
        return new InetSocketAddress(InetAddress.getByName(name), Integer.parseInt(port));
      } catch (UnknownHostException e) {
        throw StartException.usage(option + ": " + text + " (expected: an address of this host)");
      }
    }
  }
}
