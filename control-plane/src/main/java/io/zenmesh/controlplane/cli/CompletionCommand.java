package io.zenmesh.controlplane.cli;

import java.util.concurrent.Callable;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
    name = "completion",
    description = {
      "Prints what makes a shell complete zenctl's commands and options.",
      "bash: source <(zenctl completion bash). zsh: the same with zsh."
    })
final class CompletionCommand implements Callable<Integer> {
  /** Shells that can. */
  enum Shell {
    bash,
    zsh
  }

  @Parameters(paramLabel = "SHELL", description = "${COMPLETION-CANDIDATES}")
  private Shell shell;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String script = AutoComplete.bash("zenctl", spec.root().commandLine());
    String head = shell == Shell.zsh ? "autoload -U +X bashcompinit && bashcompinit\n" : "";
    spec.commandLine().getOut().print(head + script);
    spec.commandLine().getOut().flush();
    return Zenctl.DONE;
  }
}
