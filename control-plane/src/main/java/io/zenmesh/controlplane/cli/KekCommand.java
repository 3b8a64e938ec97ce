package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.KekView;
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
    name = "kek",
    description = "The keys that wrap every secret's data key.",
    subcommands = {KekCommand.Status.class, KekCommand.Rotate.class})
final class KekCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: status or rotate)");
  }

  @Command(
      name = "status",
      description = "Shows each key, how often it was used and how much is under it.")
  static final class Status implements Callable<Integer> {
    @Mixin private OutputOption output;

    @Spec private CommandSpec spec;
    @ParentCommand private KekCommand parent;

    @Override
    public Integer call() {
      KekView.Keks keks;
      try (ApiClient api = parent.zenctl.api()) {
        keks = new KekView.Keks(api.all("/v1/keks", KekView.class));
      }
      List<List<String>> rows = new ArrayList<>();
      rows.add(List.of("KEK", "CURRENT", "PRESENT", "LIVE", "USES", "VERSIONS"));
      for (KekView kek : keks.items()) {
        rows.add(
            List.of(
                kek.id(),
                word(kek.current()),
                word(kek.present()),
                word(kek.live()),
                Long.toString(kek.wraps()),
                Long.toString(kek.versions())));
      }
      output.print(spec.commandLine().getOut(), keks, rows);
      return Zenctl.DONE;
    }

    private static String word(boolean yes) {
      return yes ? "yes" : "no";
    }
  }

  @Command(
      name = "rotate",
      description = {
        "Makes a new key, wraps every data key under it and destroys the old one. Nothing stops",
        "meanwhile. Back the keyset up again afterwards."
      })
  static final class Rotate implements Callable<Integer> {
    @Spec private CommandSpec spec;
    @ParentCommand private KekCommand parent;

    @Override
    public Integer call() {
      try (ApiClient api = parent.zenctl.api()) {
        KekView.Rotated rotated = api.ask("POST", "/v1/keks/rotate", KekView.Rotated.class);
        spec.commandLine()
            .getOut()
            .printf(
                "kek %s is current: %d data keys wrapped anew, destroyed %s%n",
                rotated.current(), rotated.rewrapped(), rotated.destroyed());
        rotated
            .broken()
            .forEach(it ->
                spec.commandLine()
                    .getErr()
                    .println(
                        "zenctl: " + it + " does not open (put a new value, then destroy it)"));
        return rotated.broken().isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
      }
    }
  }
}
