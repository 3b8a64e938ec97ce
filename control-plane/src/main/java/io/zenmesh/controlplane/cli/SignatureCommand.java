package io.zenmesh.controlplane.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
    name = "signature",
    description = {
      "Verifies, makes and explains webhook signatures, here: no control plane is asked.",
      "Secrets are read from files, and never printed."
    },
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:verified or done", "1:refused", "2:wrong usage"},
    subcommands = {
      SignatureVerifyCommand.class,
      SignatureSignCommand.class,
      SignatureExplainCommand.class,
      SignatureSchemesCommand.class
    })
final class SignatureCommand implements Runnable {
  /** How results are printed. */
  enum Format {
    text,
    json
  }

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "command: missing (expected: verify, sign, explain or schemes)");
  }
}
