package io.zenmesh.controlplane.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "context",
    description = "Control planes and identities to choose from, in the configuration file.",
    subcommands = {
      ContextCommand.ListAll.class,
      ContextCommand.Use.class,
      ContextCommand.Set.class
    })
final class ContextCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: list, use or set)");
  }

  @Command(name = "list", description = "Lists them; the current one bears a star.")
  static final class ListAll implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @ParentCommand private ContextCommand parent;

    @Override
    public Integer call() {
      ContextFile file = ContextFile.read(parent.zenctl.configFile());
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("", "NAME", "API", "AS", "TENANT"));
      for (String name : file.names()) {
        var context = file.context(name);
        rows.add(
            List.of(
                name.equals(file.current()) ? "*" : "",
                name,
                context.path("api").asString(""),
                context.has("tokenFile") ? "token" : "certificate",
                context.path("tenant").asString("")));
      }
      TextTable.lines(rows).forEach(line -> spec.commandLine().getOut().println(line));
      return Zenctl.DONE;
    }
  }

  @Command(name = "use", description = "Makes one the current one.")
  static final class Use implements Callable<Integer> {
    @Parameters(paramLabel = "NAME")
    private String name;

    @ParentCommand private ContextCommand parent;

    @Override
    public Integer call() {
      ContextFile.read(parent.zenctl.configFile()).use(name);
      return Zenctl.DONE;
    }
  }

  @Command(name = "set", description = "Makes or changes one; what is not given stays.")
  static final class Set implements Callable<Integer> {
    @Parameters(paramLabel = "NAME")
    private String name;

    @Option(names = "--api", paramLabel = "URL", description = "https://HOST:PORT")
    private Optional<String> api = Optional.empty();

    @Option(names = "--server", paramLabel = "ID", description = "The control plane's SPIFFE id.")
    private Optional<String> server = Optional.empty();

    @Option(names = "--identity", paramLabel = "DIR", description = "Certificate, key and bundle.")
    private Optional<String> identity = Optional.empty();

    @Option(names = "--token-file", paramLabel = "FILE", description = "A token instead.")
    private Optional<String> token = Optional.empty();

    @Option(
        names = "--bundle",
        paramLabel = "FILE",
        description = "The trust bundle, with a token.")
    private Optional<String> bundle = Optional.empty();

    @Option(names = "--tenant", paramLabel = "NAME", description = "The usual tenant.")
    private Optional<String> tenant = Optional.empty();

    @ParentCommand private ContextCommand parent;

    @Override
    public Integer call() {
      List<String> keys = new ArrayList<>();
      List<String> values = new ArrayList<>();
      put("api", api, keys, values);
      put("server", server, keys, values);
      put("identity", identity, keys, values);
      put("tokenFile", token, keys, values);
      put("bundle", bundle, keys, values);
      put("tenant", tenant, keys, values);
      ContextFile.readOrNew(parent.zenctl.configFile()).set(name, keys, values);
      return Zenctl.DONE;
    }

    private static void put(
        String key, Optional<String> value, List<String> keys, List<String> values) {
      value.ifPresent(it -> {
        keys.add(key);
        values.add(it);
      });
    }
  }
}
