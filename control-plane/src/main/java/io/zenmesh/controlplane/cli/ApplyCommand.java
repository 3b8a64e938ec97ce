package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "apply",
    description = {
      "Makes a mesh file the whole desired state: what it does not name is removed.",
      "Secret files it names are read by the control plane, below its own secrets directory.",
      "Ends with 1 when a node refused what it was sent, or did not acknowledge in time."
    })
final class ApplyCommand implements Callable<Integer> {
  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The mesh file.")
  private Path file;

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    String text = MeshCommand.readOrFail(file);
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    String label = String.valueOf(file.getFileName()).replaceAll("[^A-Za-z0-9._-]", "_");
    try (ApiClient api = zenctl.api()) {
      return switch (api.apply(label, text)) {
        case ApiClient.ApplyAnswer.Refused refused -> {
          refused.problem().problems().forEach(err::println);
          err.println("zenctl: " + refused.problem().title());
          yield Zenctl.FAILED;
        }
        case ApiClient.ApplyAnswer.Accepted accepted -> {
          accepted.view().changes().forEach(it -> out.println(it.kind() + " " + it.subject()));
          out.printf(
              "%s: stored and sent, %d changes, %d nodes updated%n",
              file, accepted.view().changes().size(), accepted.view().nodes());
          List<String> behind = accepted.view().behind();
          behind.forEach(it -> err.println("zenctl: node " + it + " refused or lags"));
          yield behind.isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
        }
      };
    }
  }
}
