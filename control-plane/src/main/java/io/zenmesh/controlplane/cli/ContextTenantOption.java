package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Whose things a command is about, where the context may say so instead. */
final class ContextTenantOption {
  @Option(names = "--tenant", paramLabel = "NAME", description = "Whose; default: the context's.")
  private Optional<String> tenant = Optional.empty();

  Name of(Zenctl zenctl) {
    return zenctl.tenant(tenant);
  }

  /** Empty for what belongs to no tenant. */
  Optional<Name> of(Zenctl zenctl, ResourceKind kind) {
    return kind == ResourceKind.TENANT ? Optional.empty() : Optional.of(of(zenctl));
  }
}
