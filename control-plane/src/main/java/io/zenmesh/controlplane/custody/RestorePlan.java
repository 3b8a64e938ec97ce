package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretBytes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Decides which versions of one secret come back from a backup. Pure.
 *
 * <p>A version is here already when one of its value is, each counted once; its own number is tried
 * first, for within one tenant of one installation numbers are never used twice. What was revoked
 * or destroyed since is never brought back.
 */
final class RestorePlan {
  private RestorePlan() {}

  /** What becomes of one version of a backup. */
  enum What {
    /** Comes back as a new version. */
    RESTORED,
    /** Is here already. */
    PRESENT,
    /** Was revoked or destroyed here and stays so. */
    ENDED;

    /** Stable, in lower case. */
    String word() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /**
   * @param backup versions of the secret in a backup, by number
   * @param history what there is of it here
   * @param values of the versions here that are still sealed
   * @param sameOrigin whether numbers mean the same here as in the backup
   * @return for each version of the backup, in its order
   */
  static List<What> of(
      List<BackupVersion> backup,
      VersionHistory history,
      Map<Long, SecretBytes> values,
      boolean sameOrigin) {
    Map<BackupVersion, What> decided = new HashMap<>();
    Set<Long> matched = new HashSet<>();
    for (BackupVersion version : backup) {
      SecretBytes here = values.get(version.version());
      if (revoked(version, history, values)
          || (sameOrigin
              && history.versions().get(version.version()) instanceof VersionState.Destroyed)) {
        decided.put(version, What.ENDED);
      } else if (sameOrigin && here != null && here.sameAs(version.value())) {
        decided.put(version, What.PRESENT);
        matched.add(version.version());
      }
    }
    List<What> plan = new ArrayList<>();
    for (BackupVersion version : backup) {
      plan.add(decided.computeIfAbsent(version, it -> byValue(it, values, matched)));
    }
    return plan;
  }

  private static What byValue(
      BackupVersion version, Map<Long, SecretBytes> values, Set<Long> matched) {
    for (Map.Entry<Long, SecretBytes> each : values.entrySet()) {
      if (!matched.contains(each.getKey()) && each.getValue().sameAs(version.value())) {
        matched.add(each.getKey());
        return What.PRESENT;
      }
    }
    return What.RESTORED;
  }

  private static boolean revoked(
      BackupVersion version, VersionHistory history, Map<Long, SecretBytes> values) {
    return values.entrySet().stream()
        .anyMatch(it ->
            history.versions().get(it.getKey()) instanceof VersionState.Revoked
                && it.getValue().sameAs(version.value()));
  }
}
