package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "export",
    description = {
      "Writes a backup of a tenant's secrets, every live and retired version, sealed under a",
      "passphrase by the control plane. Derived keys and what mesh files hold are not in it."
    })
final class SecretExportCommand implements Callable<Integer> {
  private static final String VERSIONS = "X-Zen-Versions";

  @Mixin private TenantOption tenant;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "FILE",
      description = "A new file for the backup, mode 0600.")
  private Path out = Path.of("");

  @Option(
      names = "--passphrase-file",
      required = true,
      paramLabel = "FILE",
      description = "The passphrase, 12 bytes or more, in a file of mode 0600.")
  private Path passphraseFile = Path.of("");

  @Spec private CommandSpec spec;
  @ParentCommand private SecretCommand parent;

  @Override
  public Integer call() {
    try (SecretBytes passphrase = InputFiles.passphrase(passphraseFile)) {
      // Before anything is opened for a backup that could not be kept.
      OutputStream file = NewFile.create(out);
      try {
        write(file, passphrase);
      } finally {
        NewFile.dropIfEmpty(out);
      }
    }
    return Zenctl.DONE;
  }

  private void write(OutputStream file, SecretBytes passphrase) {
    String path = parent.path(tenant) + "/backups/export";
    try (file;
        ApiClient api = parent.api();
        ApiClient.Shown backup = api.take(path, passphrase, VERSIONS)) {
      file.write(backup.secret().copy(SecretAccess.granted()));
      spec.commandLine()
          .getOut()
          .println(out + ": " + backup.id() + " versions, sealed under the passphrase");
    } catch (IOException e) {
      throw CliException.failed("--out: " + out + " cannot be written");
    }
  }
}
