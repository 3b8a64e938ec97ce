package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.mesh.MeshReader;
import io.zenmesh.controlplane.mesh.MeshReading;
import io.zenmesh.controlplane.mesh.SecretSource;
import io.zenmesh.extproc.signature.Catalogue;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(name = "mesh", description = "Mesh files.", subcommands = MeshCommand.Validate.class)
final class MeshCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: validate)");
  }

  @Command(
      name = "validate",
      description =
          "Checks a mesh file and the secrets it names, here, without asking the control plane.")
  static final class Validate implements Callable<Integer> {
    @Option(
        names = {"-f", "--file"},
        required = true,
        paramLabel = "FILE",
        description = "The mesh file.")
    private Path file;

    @Option(
        names = "--secrets-dir",
        paramLabel = "DIR",
        description = "Where relative files are taken from; default: the mesh file's folder.")
    private Optional<Path> secretsDirectory = Optional.empty();

    @Spec private CommandSpec spec;
    @ParentCommand private MeshCommand parent;

    @Override
    public Integer call() {
      String text = readOrFail(file);
      Path folder = secretsDirectory.orElseGet(() -> file.toAbsolutePath().resolveSibling(""));
      SecretSource secrets =
          new SecretSource(
              folder, name -> Optional.ofNullable(parent.zenctl.environment().get(name)));
      MeshReader reader = new MeshReader(Catalogue.bundled(), secrets, InstantSource.system());
      PrintWriter out = spec.commandLine().getOut();
      return switch (reader.read(file.toString(), text)) {
        case MeshReading.Bad(List<MeshProblem> problems) -> {
          problems.forEach(problem -> spec.commandLine().getErr().println(problem));
          yield Zenctl.FAILED;
        }
        case MeshReading.Good(Mesh mesh) -> {
          try (mesh) {
            out.printf(
                "%s: good: %d tenants, %d clusters, %d secrets, %d destinations, %d endpoints%n",
                file,
                mesh.tenants().size() - 1, // the built-in one is not the file's
                mesh.clusters().size(),
                mesh.secrets().size(),
                mesh.destinations().size(),
                mesh.endpoints().size());
          }
          yield Zenctl.DONE;
        }
      };
    }
  }

  /** A mesh file's text. */
  static String readOrFail(Path file) {
    try {
      return MeshWatch.read(file);
    } catch (IOException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }
}
