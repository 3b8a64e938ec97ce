package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.ProxyView;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "proxy",
    description = "Envoys and external processors.",
    subcommands = ProxyCommand.Status.class)
final class ProxyCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: status)");
  }

  @Command(
      name = "status",
      description = "Lists every node with what it was sent and what it accepted.")
  static final class Status implements Callable<Integer> {
    @Mixin private OutputOption output;

    @Spec private CommandSpec spec;
    @ParentCommand private ProxyCommand parent;

    @Override
    public Integer call() {
      List<ProxyView> proxies;
      try (ApiClient api = parent.zenctl.api()) {
        proxies = api.all("/v1/proxies", ProxyView.class);
      }
      output.print(spec.commandLine().getOut(), new ProxyView.Proxies(proxies), rows(proxies));
      return Zenctl.DONE;
    }

    private static List<List<String>> rows(List<ProxyView> proxies) {
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("NODE", "CONNECTED", "TYPE", "STATE", "RESOURCES", "VERSION", "DETAIL"));
      for (ProxyView proxy : proxies) {
        String connected = proxy.connected() ? "yes" : "no";
        if (proxy.types().isEmpty()) {
          rows.add(List.of(proxy.node(), connected, "-", "-", "-", "-", ""));
        }
        for (ProxyView.TypeView type : proxy.types()) {
          rows.add(
              List.of(
                  proxy.node(),
                  connected,
                  type.type(),
                  type.state(),
                  Integer.toString(type.resources()),
                  type.version(),
                  type.detail().orElse("")));
        }
      }
      return rows;
    }
  }
}
