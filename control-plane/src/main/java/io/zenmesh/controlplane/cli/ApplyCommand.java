package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
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
      "Ends with 1 when a node refused what it was sent, or did not acknowledge in time.",
      "With the token of a tenant: makes or changes the documents that the file states, one by one,"
          + " and removes nothing; secrets and tenants in it are left alone."
    })
final class ApplyCommand implements Callable<Integer> {
  @Option(
      names = {"-f", "--file"},
      required = true,
      paramLabel = "FILE",
      description = "The mesh file.")
  private Path file;

  @Option(names = "--dry-run", description = "Says what would differ, and changes nothing.")
  private boolean dryRun;

  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public Integer call() {
    String text = MeshCommand.readOrFail(file);
    try (ApiClient api = zenctl.api()) {
      return dryRun || api.byToken() ? each(api, text) : whole(api, text);
    }
  }

  private int each(ApiClient api, String text) {
    PrintWriter out = spec.commandLine().getOut();
    List<FileDocuments.Normal> documents =
        FileDocuments.read(file, text).stream()
            .filter(it -> !api.byToken() || it.kind() != ResourceKind.TENANT)
            .toList();
    List<Differences.Difference> differences = Differences.of(api, documents);
    if (dryRun) {
      DiffCommand.print(differences, out);
      out.println(file + ": would change " + differences.size() + " documents");
      return Zenctl.DONE;
    }
    for (Differences.Difference difference : differences) {
      FileDocuments.Normal document = difference.document();
      var _ = api.json("PUT", document.path(), Optional.of(document.document().toString()));
      out.println((difference.sign() == '+' ? "added " : "changed ") + document.subject());
    }
    out.println(file + ": " + differences.size() + " documents changed");
    return Zenctl.DONE;
  }

  private int whole(ApiClient api, String text) {
    PrintWriter out = spec.commandLine().getOut();
    PrintWriter err = spec.commandLine().getErr();
    String label = String.valueOf(file.getFileName()).replaceAll("[^A-Za-z0-9._-]", "_");
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
