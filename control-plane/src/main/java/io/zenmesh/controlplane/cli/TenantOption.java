package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import picocli.CommandLine.Option;

/** Whose things a command is about. */
final class TenantOption {
  @Option(names = "--tenant", required = true, paramLabel = "TENANT", description = "Whose it is.")
  private String tenant = "";

  /** The part of a path that says so. */
  String path() {
    return "/v1/tenants/" + name("--tenant", tenant);
  }

  /** A name as it may stand in a path. */
  static String name(String option, String text) {
    if (!Name.isValid(text)) {
      throw CliException.usage(option + ": malformed (expected: [a-z0-9][a-z0-9-]{0,62})");
    }
    return text;
  }
}
