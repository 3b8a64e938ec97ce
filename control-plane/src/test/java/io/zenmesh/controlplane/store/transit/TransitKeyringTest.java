package io.zenmesh.controlplane.store.transit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TransitKeyringTest extends KeyWrapperContract {
  private static final byte[] PLACE = {1, 2, 3};

  @TempDir Path folder;
  private final List<TransitKeyring> opened = new ArrayList<>();
  private FakeTransit transit;

  @BeforeEach
  void start() {
    transit = new FakeTransit(folder);
  }

  @AfterEach
  void end() {
    opened.forEach(TransitKeyring::close);
    transit.close();
  }

  private TransitKeyring open(String key) {
    TransitKeyring keyring = TransitKeyring.open(transit.address(key));
    opened.add(keyring);
    return keyring;
  }

  @Override
  protected KeyWrapper wrapper() {
    return open("zen");
  }

  @Override
  protected KeyWrapper strange() {
    return open("other");
  }

  @Override
  protected int wraps() {
    return 200;
  }

  private static byte[] wrap(TransitKeyring keyring) {
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      return keyring.wrap(keyring.kekId(), key, PLACE);
    }
  }

  @Test
  void rotation_makesAVersionCurrent_andDestroyedOnesOpenNothing() {
    TransitKeyring keyring = open("zen");
    String old = keyring.kekId();
    assertThat(old).isEqualTo("transit:transit/zen:1");
    byte[] underOld = wrap(keyring);
    String added = keyring.addCurrent();
    assertThat(keyring.kekId()).isEqualTo(added).isEqualTo("transit:transit/zen:2");
    assertThat(keyring.kekIds()).containsExactly(old, added);
    keyring.unwrap(old, underOld, PLACE).close();
    assertThatThrownBy(() -> keyring.unwrap(added, underOld, PLACE))
        .isInstanceOf(SealBrokenException.class);
    assertThatThrownBy(() -> keyring.destroy(added)).isInstanceOf(IllegalArgumentException.class);
    keyring.destroy(old);
    keyring.destroy(old);
    assertThat(keyring.kekIds()).containsExactly(added);
    assertThatThrownBy(() -> keyring.unwrap(old, underOld, PLACE))
        .isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K05_newerKeyBeforeAnOlderOne_isNotDestroyed() {
    TransitKeyring keyring = open("zen");
    byte[] underFirst = wrap(keyring);
    String first = keyring.kekId();
    String second = keyring.addCurrent();
    keyring.addCurrent();
    assertThatThrownBy(() -> keyring.destroy(second)).hasMessageContaining("oldest first");
    keyring.unwrap(first, underFirst, PLACE).close();
  }

  @Test
  void K02_engineThatIgnoresAssociatedData_isRefused() {
    transit.ignoreAssociatedData();
    assertThatThrownBy(() -> open("zen"))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unbound: ");
  }

  @Test
  void keyThatMayLeave_orIsMissing_isRefusedAndNotMade() {
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
    transit.letKeysOut();
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
  }

  @Test
  void F34_sealedServer_isAskedThreeTimes_thenNothingIsOpened() {
    TransitKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = transit.asked();
    transit.fail(503, 2);
    keyring.unwrap(keyring.kekId(), wrapped, PLACE).close();
    assertThat(transit.asked() - before).isEqualTo(3);
    transit.fail(503, 3);
    assertThatThrownBy(() -> keyring.unwrap(keyring.kekId(), wrapped, PLACE))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unavailable: ");
    assertThat(transit.asked() - before).isEqualTo(6);
  }

  @Test
  void F34_refusedToken_isAskedOnce() throws IOException {
    TransitKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    Files.writeString(folder.resolve("token"), "s.revoked\n");
    int before = transit.asked();
    assertThatThrownBy(() -> keyring.unwrap(keyring.kekId(), wrapped, PLACE))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_denied: ")
        .hasMessageNotContaining("s.revoked");
    assertThat(transit.asked() - before).isOne();
    // A token that was renewed counts at once.
    Files.writeString(folder.resolve("token"), FakeTransit.TOKEN);
    keyring.unwrap(keyring.kekId(), wrapped, PLACE).close();
  }

  @Test
  void K02_answerUnderAnotherVersion_isNotTaken() {
    TransitKeyring keyring = open("zen");
    transit.answerUnder(2);
    assertThatThrownBy(() -> wrap(keyring)).hasMessageStartingWith("kms_answer_unknown: ");
  }

  @Test
  void K02_keyOfAnotherName_isNotAskedFor() {
    TransitKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = transit.asked();
    for (String kek : List.of("transit:transit/other:1", "transit:kv/zen:1", "1", "zen:1")) {
      assertThatThrownBy(() -> keyring.unwrap(kek, wrapped, PLACE))
          .as(kek)
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(transit.asked()).isEqualTo(before);
  }

  @Test
  void K05_rotation_isAskedForOnce() {
    TransitKeyring keyring = open("zen");
    int before = transit.asked();
    transit.fail(503, 1);
    assertThatThrownBy(keyring::addCurrent).hasMessageStartingWith("kms_unavailable: ");
    assertThat(transit.asked() - before).isOne();
    assertThat(keyring.kekIds()).containsExactly("transit:transit/zen:1");
  }

  @Test
  void redirect_isNotFollowed_withTheToken() {
    TransitKeyring keyring = open("zen");
    int before = transit.asked();
    transit.fail(307, 1);
    assertThatThrownBy(keyring::kekIds).hasMessageStartingWith("kms_answer_unknown: ");
    assertThat(transit.asked() - before).isOne();
  }

  @Test
  void answerWithoutEnd_isGivenUp() {
    TransitKeyring keyring = open("zen");
    transit.lengthen(70_000);
    assertThatThrownBy(keyring::kekIds).hasMessageStartingWith("kms_unreachable: ");
    transit.lengthen(60_000);
    assertThat(keyring.kekIds()).hasSize(1);
  }

  @Test
  void tokenOpenToOthers_isRefused() throws IOException {
    Files.setPosixFilePermissions(
        folder.resolve("token"), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> open("zen")).hasMessageContaining("rw-r--r-- (expected: rw-------)");
  }

  @Test
  void F34_serverThatDoesNotAnswer_isGivenUp() {
    open("zen");
    transit.delay(30_000);
    assertThatThrownBy(() -> TransitKeyring.open(transit.address("zen"), Duration.ofMillis(200)))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_timed_out: ");
  }

  @Test
  void F34_answerThatStopsAfterItsHeaders_isGivenUp() {
    open("zen");
    transit.stall(30_000);
    assertThatThrownBy(() -> TransitKeyring.open(transit.address("zen"), Duration.ofMillis(200)))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_timed_out: ");
  }

  @Test
  void serverOfAnotherAuthority_isNotTalkedTo() throws IOException {
    DevPki strange = DevPki.openOrCreate(folder.resolve("x"), "kms.test", Clock.systemUTC());
    Files.writeString(folder.resolve("kms-ca.pem"), strange.rootPem());
    int before = transit.asked();
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_unreachable: ");
    assertThat(transit.asked()).isEqualTo(before);
  }

  @Test
  void addressOfAnotherForm_isRefused() {
    for (String url :
        List.of(
            "http://kms/transit/zen",
            "https://kms/transit",
            "https://kms/transit/zen/more",
            "https://u@kms/transit/zen",
            "https://kms/transit/../zen")) {
      assertThatThrownBy(() -> TransitAddress.parse(url, folder, folder))
          .as(url)
          .hasMessageContaining("(expected: https://HOST[:PORT]/MOUNT/KEY)");
    }
  }
}
