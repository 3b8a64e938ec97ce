package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.KeyView;
import io.zenmesh.controlplane.api.SecretView;
import io.zenmesh.controlplane.custody.KeySchedule.Purpose;
import io.zenmesh.xds.secret.SecretAccess;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "key",
    description = "Keys of scheme zen, derived for a tenant, a cluster and a purpose.",
    subcommands = {
      KeyCommand.Issue.class,
      KeyCommand.Retire.class,
      KeyCommand.Revoke.class,
      KeyCommand.RotateRoot.class,
      KeyCommand.Listing.class
    })
final class KeyCommand implements Runnable {
  private static final String KEY_ID = "X-Zen-Key-Id";

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: one of those below)");
  }

  /** Which key a command is about. */
  static final class LineOptions {
    @Mixin private TenantOption tenant;

    @Option(
        names = "--cluster",
        required = true,
        paramLabel = "CLUSTER",
        description = "Where it counts.")
    private String cluster = "";

    @Option(
        names = "--purpose",
        required = true,
        paramLabel = "PURPOSE",
        description = "ingress, egress or agent.")
    private String purpose = "";

    String path(Zenctl zenctl) {
      String word =
          Purpose.ofWord(purpose)
              .map(Purpose::word)
              .orElseThrow(() ->
                  CliException.usage("--purpose: unknown (expected: ingress, egress or agent)"));
      return tenant.path(zenctl) + "/keys/" + TenantOption.name("--cluster", cluster) + "/" + word;
    }
  }

  @Command(
      name = "issue",
      description = {
        "Makes the next version of a key and hands it out, this once: it is kept nowhere.",
        "It counts beside the versions before it, four at most."
      })
  static final class Issue implements Callable<Integer> {
    @Mixin private LineOptions line;

    @Option(
        names = "--out",
        paramLabel = "FILE",
        description = "A new file for the key, mode 0600.")
    private Optional<Path> out = Optional.empty();

    @Option(names = "--stdout", description = "Print the key instead.")
    private boolean stdout;

    @Spec private CommandSpec spec;
    @ParentCommand private KeyCommand parent;

    @Override
    public Integer call() {
      if (out.isPresent() == stdout) {
        throw CliException.usage("--out or --stdout: (expected: one of them)");
      }
      String path = line.path(parent.zenctl);
      // Before a version is spent on a key that could not be kept.
      Optional<OutputStream> file = out.map(NewFile::create);
      try (ApiClient api = parent.zenctl.api();
          ApiClient.Shown shown = api.take(path, KEY_ID)) {
        byte[] key = shown.secret().copy(SecretAccess.granted());
        try {
          if (file.isPresent()) {
            write(file.get(), key);
          } else {
            print(key);
          }
        } catch (IOException e) {
          throw CliException.failed("--out: the key could not be written; revoke " + shown.id());
        } finally {
          Arrays.fill(key, (byte) 0);
        }
        spec.commandLine().getErr().println("zenctl: issued " + shown.id());
        return Zenctl.DONE;
      } catch (CliException e) {
        out.ifPresent(NewFile::dropIfEmpty);
        throw e;
      }
    }

    private static void write(OutputStream file, byte[] key) throws IOException {
      try (file) {
        file.write(key);
        file.write('\n');
      }
    }

    private void print(byte[] key) {
      char[] text = new char[key.length];
      for (int i = 0; i < key.length; i++) {
        text[i] = (char) key[i];
      }
      spec.commandLine().getOut().println(text);
      Arrays.fill(text, '\0');
    }
  }

  /** What a command is told that ends a version. */
  abstract static class Ending implements Callable<Integer> {
    @Mixin private LineOptions line;

    @Mixin private VersionOption version;

    @Spec private CommandSpec spec;
    @ParentCommand private KeyCommand parent;

    int end(String verb) {
      long number = version.number();
      try (ApiClient api = parent.zenctl.api()) {
        api.ask(
            "POST", line.path(parent.zenctl) + "/versions/" + number + "/" + verb, KeyView.class);
      }
      spec.commandLine().getOut().printf("version %d: ended, stored and sent%n", number);
      return Zenctl.DONE;
    }
  }

  @Command(name = "retire", description = "Ends a version in good order; another has to count.")
  static final class Retire extends Ending {
    @Override
    public Integer call() {
      return end("retire");
    }
  }

  @Command(name = "revoke", description = "Ends a version that somebody else may know, at once.")
  static final class Revoke extends Ending {
    @Override
    public Integer call() {
      return end("revoke");
    }
  }

  @Command(name = "list", description = "Lists a tenant's derived keys and their versions.")
  static final class Listing implements Callable<Integer> {
    @Mixin private TenantOption tenant;

    @Mixin private OutputOption output;

    @Spec private CommandSpec spec;
    @ParentCommand private KeyCommand parent;

    @Override
    public Integer call() {
      KeyView.Keys keys;
      try (ApiClient api = parent.zenctl.api()) {
        keys = new KeyView.Keys(api.all(tenant.path(parent.zenctl) + "/keys", KeyView.class));
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("CLUSTER", "PURPOSE", "VERSION", "STATE", "FROM", "UNTIL"));
      for (KeyView key : keys.items()) {
        for (SecretView.VersionView it : key.versions()) {
          rows.add(
              List.of(
                  key.cluster(),
                  key.purpose(),
                  Long.toString(it.version()),
                  it.state(),
                  SecretCommand.shown(it.notBefore()),
                  SecretCommand.shown(it.notAfter().or(it::endedAt))));
        }
      }
      output.print(spec.commandLine().getOut(), keys, rows);
      return Zenctl.DONE;
    }
  }

  @Command(
      name = "rotate-root",
      description = {
        "Gives a tenant a new root secret. Keys that were handed out count on; hand out new ones,",
        "end the old ones, and rotate once more to erase the root they came from."
      })
  static final class RotateRoot implements Callable<Integer> {
    @Mixin private TenantOption tenant;

    @Spec private CommandSpec spec;
    @ParentCommand private KeyCommand parent;

    @Override
    public Integer call() {
      try (ApiClient api = parent.zenctl.api()) {
        KeyView.Root root =
            api.ask("POST", tenant.path(parent.zenctl) + "/root/rotate", KeyView.Root.class);
        spec.commandLine()
            .getOut()
            .printf("root %d is current, erased %s%n", root.version(), root.erased());
      }
      return Zenctl.DONE;
    }
  }
}
