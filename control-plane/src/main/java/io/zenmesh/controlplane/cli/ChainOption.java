package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import picocli.CommandLine.Option;

/** Whose record a command is about. */
final class ChainOption {
  @Option(
      names = "--tenant",
      defaultValue = "system",
      paramLabel = "NAME",
      description = "Default: ${DEFAULT-VALUE}, what belongs to no tenant.")
  private String tenant = "system";

  Name chain() {
    if (!Name.isValid(tenant)) {
      throw CliException.usage("--tenant: " + tenant + " (expected: a tenant's name)");
    }
    return new Name(tenant);
  }
}
