package io.zenmesh.controlplane.cli;

import picocli.CommandLine.Option;

/** Which version of a secret or key a command is about. */
final class VersionOption {
  @Option(
      names = "--version-number",
      required = true,
      paramLabel = "N",
      description = "Which version; 'list' shows them.")
  private long version;

  long number() {
    if (version < 1) {
      throw CliException.usage("--version-number: " + version + " (expected: 1 or above)");
    }
    return version;
  }
}
