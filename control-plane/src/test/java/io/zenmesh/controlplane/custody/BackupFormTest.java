package io.zenmesh.controlplane.custody;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class BackupFormTest {
  private static final Instant NOW = Instant.parse("2026-03-04T05:06:07.123456Z");
  private static final BackupHead HEAD = head("acme", "0".repeat(32));

  private static BackupHead head(String tenant, String installation) {
    return new BackupHead(new Installation(installation), new Name(tenant), NOW);
  }

  /** Cheap, for there are many; what a guess costs in earnest is {@code SealedKeysetFileTest}'s. */
  private static PassphraseSeal seal(String passphrase) {
    return new PassphraseSeal(
        bytes(passphrase), new SecureRandom(), new PassphraseSeal.Cost(64, 1));
  }

  private static SecretBytes bytes(String text) {
    return SecretBytes.takeOver(text.getBytes(StandardCharsets.US_ASCII));
  }

  private static String text(BackupVersion version) {
    return new String(version.value().copy(SecretAccess.granted()), StandardCharsets.US_ASCII);
  }

  private static final List<VersionState> STATES =
      List.of(
          new VersionState.Live(NOW, Optional.empty()),
          new VersionState.Live(NOW.minusSeconds(5), Optional.of(NOW.plusSeconds(7))),
          new VersionState.Retired(NOW.minusSeconds(9)));

  private static List<BackupVersion> versions() {
    return List.of(
        new BackupVersion(new Name("a"), 3, STATES.get(0), bytes("canary-live")),
        new BackupVersion(new Name("a"), 2, STATES.get(1), bytes("canary-overlap")),
        new BackupVersion(new Name("b"), 1, STATES.get(2), bytes("canary-retired")));
  }

  private static byte[] written() {
    try (PassphraseSeal seal = seal("a good passphrase")) {
      return BackupForm.write(HEAD, versions(), seal);
    }
  }

  /** What whoever reads a file does: its line first, then what is sealed under it. */
  private static boolean opens(byte[] file, PassphraseSeal seal) {
    Optional<BackupHead> head = BackupHead.read(file);
    if (head.isEmpty()) {
      return false;
    }
    try {
      BackupForm.read(head.get(), file, seal).forEach(BackupVersion::close);
      return true;
    } catch (GeneralSecurityException refused) {
      return false;
    }
  }

  @Test
  void K09_lineThatWritesTheSameMomentOtherwise_isNone() {
    String line = HEAD.line();
    assertThat(BackupHead.read(line.getBytes(StandardCharsets.ISO_8859_1))).hasValue(HEAD);
    for (String time : List.of("2026-03-04T05:06:07.1Z", "2026-03-04T05:06:07.1234560Z")) {
      String other = line.replace("2026-03-04T05:06:07.123456Z", time);
      assertThat(BackupHead.read(other.getBytes(StandardCharsets.ISO_8859_1))).as(time).isEmpty();
    }
  }

  @Test
  void everyState_andValue_comesBack() throws GeneralSecurityException {
    byte[] file = written();
    assertThat(BackupHead.read(file)).hasValue(HEAD);
    try (PassphraseSeal seal = seal("a good passphrase")) {
      List<BackupVersion> read = BackupForm.read(HEAD, file, seal);
      assertThat(read).extracting(BackupVersion::state).isEqualTo(STATES);
      assertThat(read).extracting(BackupVersion::version).containsExactly(3L, 2L, 1L);
      assertThat(read)
          .extracting(BackupFormTest::text)
          .containsExactly("canary-live", "canary-overlap", "canary-retired");
    }
    assertThat(new String(file, StandardCharsets.ISO_8859_1)).doesNotContain("canary");
  }

  @Test
  void K09_anyChangedByte_isRefused() {
    byte[] file = written();
    int sealedFrom = HEAD.line().length();
    TreeSet<Integer> places = new TreeSet<>();
    for (int i = 0; i < sealedFrom; i++) {
      places.add(i);
    }
    Random random = new Random(7);
    while (places.size() < sealedFrom + 40) {
      places.add(sealedFrom + random.nextInt(file.length - sealedFrom));
    }
    places.add(file.length - 1);
    try (PassphraseSeal seal = seal("a good passphrase")) {
      assertThat(opens(file, seal)).isTrue();
      for (int place : places) {
        byte[] changed = file.clone();
        changed[place] ^= (byte) (1 << random.nextInt(8));
        assertThat(opens(changed, seal)).as("byte " + place).isFalse();
      }
    }
  }

  @Test
  void K09_shortenedOrLengthened_isRefused() {
    byte[] file = written();
    try (PassphraseSeal seal = seal("a good passphrase")) {
      for (int length :
          List.of(0, 1, 40, HEAD.line().length(), HEAD.line().length() + 20, file.length - 1)) {
        assertThat(opens(Arrays.copyOf(file, length), seal)).as("length " + length).isFalse();
      }
      assertThat(opens(Arrays.copyOf(file, file.length + 1), seal)).isFalse();
    }
  }

  @Test
  void K09_lineOfAnotherBackup_orAnotherPassphrase_doesNotOpen() {
    byte[] file = written();
    byte[] sealed = Arrays.copyOfRange(file, HEAD.line().length(), file.length);
    for (BackupHead other : List.of(head("other", "0".repeat(32)), head("acme", "1".repeat(32)))) {
      byte[] line = other.line().getBytes(StandardCharsets.US_ASCII);
      byte[] moved = ByteBuffer.allocate(line.length + sealed.length).put(line).put(sealed).array();
      try (PassphraseSeal seal = seal("a good passphrase")) {
        assertThat(opens(moved, seal)).isFalse();
      }
    }
    try (PassphraseSeal seal = seal("another passphrase")) {
      assertThat(opens(file, seal)).isFalse();
    }
  }

  /** Who knows the passphrase can seal anything; bounds hold all the same. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "", // no count
        "00000001", // a version that is not there
        "ffffffff", // a negative count
        "7fffffff",
        "0000000000", // something behind it
        "00000001ffff", // a name of negative length
        "0000000100017a000774657374696e67"
      })
  void K09_contentOutOfBounds_isRefused(String hex) throws GeneralSecurityException {
    try (PassphraseSeal seal = seal("a good passphrase")) {
      byte[] sealed = seal.seal(HEAD.use(), HexFormat.of().parseHex(hex));
      byte[] line = HEAD.line().getBytes(StandardCharsets.US_ASCII);
      byte[] file = ByteBuffer.allocate(line.length + sealed.length).put(line).put(sealed).array();
      assertThat(opens(file, seal)).isFalse();
    }
  }

  @Test
  void K09_guessesCheaperThanOurs_areNotTaken() {
    byte[] cheap = written();
    try (PassphraseSeal full = new PassphraseSeal(bytes("a good passphrase"), new SecureRandom())) {
      assertThat(opens(cheap, full)).isFalse();
      assertThat(opens(BackupForm.write(HEAD, versions(), full), full)).isTrue();
    }
  }

  @Test
  void K09_sameVersionTwice_isRefused() {
    BackupVersion one = new BackupVersion(new Name("a"), 3, STATES.get(0), bytes("canary-live"));
    try (PassphraseSeal seal = seal("a good passphrase")) {
      assertThat(opens(BackupForm.write(HEAD, List.of(one, one), seal), seal)).isFalse();
    }
  }

  @Test
  void K09_root_isNotTaken() {
    BackupVersion root =
        new BackupVersion(TenantRoots.NAME, 3, STATES.get(0), bytes("canary-root"));
    try (PassphraseSeal seal = seal("a good passphrase")) {
      assertThat(opens(BackupForm.write(HEAD, List.of(root), seal), seal)).isFalse();
    }
  }

  @Test
  void revokedVersion_isNotWritten() {
    BackupVersion revoked =
        new BackupVersion(new Name("a"), 3, new VersionState.Revoked(NOW), bytes("canary-revoked"));
    try (PassphraseSeal seal = seal("a good passphrase")) {
      assertThatThrownBy(() -> BackupForm.write(HEAD, List.of(revoked), seal))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }
}
