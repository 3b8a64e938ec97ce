package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.custody.RestorePlan.What;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RestorePlanTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07Z");
  private static final VersionState LIVE = new VersionState.Live(NOW, Optional.empty());

  private static SecretBytes bytes(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static BackupVersion version(long number, String value) {
    return new BackupVersion(new Name("a"), number, LIVE, bytes(value));
  }

  private static VersionHistory live(long number) {
    return new VersionHistory(new TreeMap<>(Map.of(number, LIVE)));
  }

  @Test
  void oneVersionHere_standsForOneOfTheBackup() {
    List<BackupVersion> twice = List.of(version(1, "same"), version(2, "same"));
    for (boolean sameOrigin : new boolean[] {true, false}) {
      assertThat(RestorePlan.of(twice, live(2), Map.of(2L, bytes("same")), sameOrigin))
          .as("same origin: " + sameOrigin)
          .containsExactlyInAnyOrder(What.PRESENT, What.RESTORED);
    }
  }

  @Test
  void ownNumber_isTriedFirst_whereNumbersMeanTheSame() {
    List<BackupVersion> twice = List.of(version(1, "same"), version(2, "same"));
    assertThat(RestorePlan.of(twice, live(2), Map.of(2L, bytes("same")), true))
        .containsExactly(What.RESTORED, What.PRESENT);
  }

  @Test
  void K09_destroyedNumber_isEnded_onlyWhereNumbersMeanTheSame() {
    VersionHistory destroyed =
        new VersionHistory(new TreeMap<>(Map.of(1L, new VersionState.Destroyed(NOW))));
    List<BackupVersion> backup = List.of(version(1, "value"));
    assertThat(RestorePlan.of(backup, destroyed, Map.of(), true)).containsExactly(What.ENDED);
    assertThat(RestorePlan.of(backup, destroyed, Map.of(), false)).containsExactly(What.RESTORED);
  }
}
