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
    name = "diff",
    description = {
      "Says how the documents of a mesh file differ from what the control plane has.",
      "Secrets are not compared, and what the file does not state is not looked at.",
      "Ends with 0 when nothing differs, with 3 when something does."
    })
final class DiffCommand implements Callable<Integer> {
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
    List<FileDocuments.Normal> documents = FileDocuments.read(file, MeshCommand.readOrFail(file));
    try (ApiClient api = zenctl.api()) {
      List<Differences.Difference> differences = Differences.of(api, documents);
      print(differences, spec.commandLine().getOut());
      return differences.isEmpty() ? Zenctl.DONE : Zenctl.DIFFERS;
    }
  }

  static void print(List<Differences.Difference> differences, PrintWriter out) {
    for (Differences.Difference difference : differences) {
      out.println(difference.sign() + " " + difference.document().subject());
      difference.lines().forEach(it -> out.println("    " + it));
    }
    out.flush();
  }
}
