package io.zenmesh.controlplane.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "audit",
    description = "The record of who did what.",
    subcommands = {
      AuditListCommand.class,
      AuditTailCommand.class,
      AuditEvidenceCommand.class,
      AuditExportCommand.class,
      AuditCheckpointCommand.class,
      AuditVerifyCommand.class,
      AuditWitnessCommand.class
    })
final class AuditCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private Zenctl zenctl;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "command: missing (expected: list, tail, evidence, export, checkpoint, verify or witness)");
  }

  /** Opens the API as the configuration says; the caller's to close. */
  ApiClient api() {
    return zenctl.api();
  }
}
