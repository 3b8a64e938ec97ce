package io.zenmesh.controlplane.cli;

import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "envoy",
    description = "Your own Envoy in front of 'extproc serve --config endpoints.yaml'.",
    subcommands = {EnvoyRenderCommand.class, EnvoyLintCommand.class, EnvoyValidateCommand.class})
final class EnvoyCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: render, lint or validate)");
  }

  Map<String, String> environment() {
    return zenctl.environment();
  }
}
