package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.SecretImport;
import java.util.List;
import java.util.Optional;

/** What the API tells of backups. */
public final class BackupView {
  private BackupView() {}

  /**
   * What an import has led to.
   *
   * @param nodes how many nodes got something new
   * @param behind nodes that have not followed yet
   */
  public record Imported(boolean dryRun, List<Item> items, int nodes, List<String> behind) {
    /** Copies the lists. */
    public Imported {
      items = List.copyOf(items);
      behind = List.copyOf(behind);
    }

    static Imported of(
        boolean dryRun, SecretImport.Answer.Done done, int nodes, List<String> behind) {
      return new Imported(dryRun, done.lines().stream().map(Item::of).toList(), nodes, behind);
    }
  }

  /**
   * What became of one version.
   *
   * @param backupVersion its number in the backup
   * @param what restored, present or ended
   * @param version its new number
   */
  public record Item(String name, long backupVersion, String what, Optional<Long> version) {
    static Item of(SecretImport.Line line) {
      return new Item(line.name().value(), line.number(), line.what(), line.version());
    }
  }
}
