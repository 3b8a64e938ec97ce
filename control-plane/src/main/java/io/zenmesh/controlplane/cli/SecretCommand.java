package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.SecretView;
import io.zenmesh.controlplane.custody.Overlap;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "secret",
    description = {
      "Signing secrets in custody. Values come from a file or standard input, never from the",
      "command line, and are never shown."
    },
    subcommands = {
      SecretCommand.Put.class,
      SecretCommand.Rotate.class,
      SecretCommand.Retire.class,
      SecretCommand.Revoke.class,
      SecretCommand.Destroy.class,
      SecretCommand.Listing.class,
      SecretCommand.Status.class,
      SecretExportCommand.class,
      SecretImportCommand.class,
      SecretImportZenLockCommand.class
    })
final class SecretCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: one of those below)");
  }

  ApiClient api() {
    return zenctl.api();
  }

  /** The part of a path that says whose things a command below is about. */
  String path(TenantOption tenant) {
    return tenant.path(zenctl);
  }

  /** What every command about one secret is told. */
  abstract static class OfOne implements Callable<Integer> {
    @Mixin private TenantOption tenant;

    @Parameters(paramLabel = "NAME", description = "The secret's name.")
    private String name = "";

    @Spec private CommandSpec spec;
    @ParentCommand private SecretCommand parent;

    PrintWriter out() {
      return spec.commandLine().getOut();
    }

    PrintWriter err() {
      return spec.commandLine().getErr();
    }

    ApiClient api() {
      return parent.zenctl.api();
    }

    String path() {
      return tenant.path(parent.zenctl) + "/secrets/" + TenantOption.name("NAME", name);
    }

    /** Ends with 1 when a node has not followed: then the change is stored, not yet everywhere. */
    int told(SecretView.Changed changed) {
      out()
          .printf(
              "%s version %d: stored and sent, %d nodes updated%n",
              changed.secret().name(), changed.version(), changed.nodes());
      changed.behind().forEach(it -> err().println("zenctl: node " + it + " refused or lags"));
      return changed.behind().isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
    }
  }

  /** What a command is told that brings a value. */
  abstract static class Valued extends OfOne {
    @Option(
        names = "--secret-file",
        required = true,
        paramLabel = "FILE",
        description = "The value; - for standard input. One newline at its end is dropped.")
    private Path file = Path.of("");

    @Option(names = "--accept-weak", description = "Take a value that can be guessed all the same.")
    private boolean acceptWeak;

    int send(String method, String suffix, String more) {
      String query =
          List.of(acceptWeak ? "acceptWeak=true" : "", more).stream()
              .filter(it -> !it.isEmpty())
              .collect(Collectors.joining("&"));
      String path = path() + suffix + (query.isEmpty() ? "" : "?" + query);
      try (SecretBytes value = InputFiles.secret(file, err());
          ApiClient api = api()) {
        return told(api.send(method, path, value, SecretView.Changed.class));
      }
    }
  }

  @Command(
      name = "put",
      description = "Gives a secret a value that counts alone from now on; makes it if need be.")
  static final class Put extends Valued {
    @Override
    public Integer call() {
      return send("PUT", "", "");
    }
  }

  @Command(
      name = "rotate",
      description = "Gives a secret a new value; those before it count until the overlap is over.")
  static final class Rotate extends Valued {
    @Option(
        names = "--overlap",
        paramLabel = "TIME",
        defaultValue = "24h",
        description = "0s to 30d; default: ${DEFAULT-VALUE}.")
    private String overlap = "24h";

    @Override
    public Integer call() {
      if (Overlap.parse(overlap).isEmpty()) {
        throw CliException.usage("--overlap: malformed (expected: " + Overlap.GRAMMAR + ")");
      }
      return send("POST", "/rotate", "overlap=" + overlap);
    }
  }

  /** What a command is told that ends a version. */
  abstract static class Ending extends OfOne {
    @Mixin private VersionOption version;

    int end(String verb) {
      long number = version.number();
      try (ApiClient api = api()) {
        return told(
            api.ask("POST", path() + "/versions/" + number + "/" + verb, SecretView.Changed.class));
      }
    }
  }

  @Command(name = "retire", description = "Ends a version in good order; another has to count.")
  static final class Retire extends Ending {
    @Override
    public Integer call() {
      return end("retire");
    }
  }

  @Command(
      name = "revoke",
      description = "Ends a version that somebody else may know, at once, even the last one.")
  static final class Revoke extends Ending {
    @Override
    public Integer call() {
      return end("revoke");
    }
  }

  @Command(name = "destroy", description = "Erases a version that has ended.")
  static final class Destroy extends Ending {
    @Override
    public Integer call() {
      return end("destroy");
    }
  }

  @Command(name = "list", description = "Lists a tenant's secrets and their versions.")
  static final class Listing implements Callable<Integer> {
    @Mixin private TenantOption tenant;

    @Mixin private OutputOption output;

    @Spec private CommandSpec spec;
    @ParentCommand private SecretCommand parent;

    @Override
    public Integer call() {
      SecretView.Secrets secrets;
      try (ApiClient api = parent.zenctl.api()) {
        secrets =
            new SecretView.Secrets(
                api.all(tenant.path(parent.zenctl) + "/secrets", SecretView.class));
      }
      output.print(spec.commandLine().getOut(), secrets, rows(secrets));
      return Zenctl.DONE;
    }

    private static List<List<String>> rows(SecretView.Secrets secrets) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("NAME", "TYPE", "VALUE", "VERSION", "STATE", "FROM", "UNTIL"));
      for (SecretView secret : secrets.items()) {
        String from = secret.fromFile() ? "mesh file" : "custody";
        if (secret.versions().isEmpty()) {
          rows.add(List.of(secret.name(), secret.type(), from, "-", "-", "-", "-"));
        }
        for (SecretView.VersionView it : secret.versions()) {
          rows.add(
              List.of(
                  secret.name(),
                  secret.type(),
                  from,
                  Long.toString(it.version()),
                  it.state(),
                  shown(it.notBefore()),
                  shown(it.notAfter().or(it::endedAt))));
        }
      }
      return rows;
    }
  }

  @Command(
      name = "status",
      description = "Shows which node holds which versions of a secret, and since when.")
  static final class Status extends OfOne {
    @Mixin private OutputOption output;

    @Override
    public Integer call() {
      SecretView.Status status;
      try (ApiClient api = api()) {
        status = api.ask("GET", path() + "/status", SecretView.Status.class);
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("NODE", "RESOURCE", "PUBLISHED", "ACKNOWLEDGED", "AT", "CURRENT"));
      status
          .nodes()
          .forEach(it ->
              rows.add(
                  List.of(
                      it.node(),
                      it.resource(),
                      it.published().toString(),
                      it.acknowledged().toString(),
                      shown(it.at()),
                      it.current() ? "yes" : "no")));
      output.print(out(), status, rows);
      return Zenctl.DONE;
    }
  }

  static String shown(Optional<Instant> instant) {
    return instant.map(Instant::toString).orElse("-");
  }
}
