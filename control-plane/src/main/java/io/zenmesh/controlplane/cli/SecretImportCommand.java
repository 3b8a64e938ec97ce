package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.BackupView;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "import",
    description = {
      "Brings back what a backup holds and the tenant has no more, as new versions with the",
      "windows they had. What was revoked or destroyed since stays so."
    })
final class SecretImportCommand implements Callable<Integer> {
  @Mixin private TenantOption tenant;

  @Parameters(paramLabel = "FILE", description = "The backup.")
  private Path file = Path.of("");

  @Option(
      names = "--passphrase-file",
      required = true,
      paramLabel = "FILE",
      description = "The passphrase it was sealed under, in a file of mode 0600.")
  private Path passphraseFile = Path.of("");

  @Option(
      names = "--from-other-tenant",
      description = "Take a backup of another tenant or another installation.")
  private boolean anyOrigin;

  @Option(names = "--dry-run", description = "Only tell what would change.")
  private boolean dryRun;

  @Mixin private OutputOption output;

  @Spec private CommandSpec spec;
  @ParentCommand private SecretCommand parent;

  @Override
  public Integer call() {
    String path =
        parent.path(tenant) + "/backups/import?anyOrigin=" + anyOrigin + "&dryRun=" + dryRun;
    BackupView.Imported imported;
    try (SecretBytes body = body();
        ApiClient api = parent.api()) {
      imported = api.send("POST", path, body, BackupView.Imported.class);
    }
    output.print(spec.commandLine().getOut(), imported, rows(imported));
    imported
        .behind()
        .forEach(
            it -> spec.commandLine().getErr().println("zenctl: node " + it + " refused or lags"));
    return imported.behind().isEmpty() ? Zenctl.DONE : Zenctl.FAILED;
  }

  private SecretBytes body() {
    byte[] backup = InputFiles.backup(file);
    try (SecretBytes passphrase = InputFiles.passphrase(passphraseFile)) {
      if (passphrase.length() > Short.MAX_VALUE) {
        throw CliException.usage("--passphrase-file: too long (expected: at most 1024 bytes)");
      }
      byte[] clear = passphrase.copy(SecretAccess.granted());
      byte[] body = new byte[Short.BYTES + clear.length + backup.length];
      ByteBuffer.wrap(body).putShort((short) clear.length).put(clear).put(backup);
      Arrays.fill(clear, (byte) 0);
      return SecretBytes.takeOver(body);
    }
  }

  private List<List<String>> rows(BackupView.Imported imported) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("NAME", "IN BACKUP", "WHAT", "VERSION"));
    for (BackupView.Item item : imported.items()) {
      String what =
          imported.dryRun() && item.what().equals("restored") ? "would be restored" : item.what();
      rows.add(
          List.of(
              item.name(),
              Long.toString(item.backupVersion()),
              what,
              item.version().map(String::valueOf).orElse("-")));
    }
    return rows;
  }
}
