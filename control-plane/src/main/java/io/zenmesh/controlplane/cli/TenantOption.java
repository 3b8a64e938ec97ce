package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whose things a command is about, where the context may say so instead. */
final class TenantOption {
  @Option(names = "--tenant", paramLabel = "TENANT", description = "Whose; default: the context's.")
  private Optional<String> tenant = Optional.empty();

  /** The part of a path that says so. */
  String path(Zenctl zenctl) {
    return "/v1/tenants/" + zenctl.tenant(tenant);
  }

  /** A name as it may stand in a path. */
  static String name(String option, String text) {
    if (!Name.isValid(text)) {
      throw CliException.usage(option + ": malformed (expected: [a-z0-9][a-z0-9-]{0,62})");
    }
    return text;
  }
}
