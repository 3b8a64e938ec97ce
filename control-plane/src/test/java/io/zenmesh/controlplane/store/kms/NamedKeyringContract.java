package io.zenmesh.controlplane.store.kms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * What every service must do whose keys are named to it: the contract of a wrapper, with its server
 * in and out of order.
 */
public abstract class NamedKeyringContract extends KeyWrapperContract {
  /** SHA-256 of it: 039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81. */
  protected static final byte[] PLACE = {1, 2, 3};

  private final List<Keyring> opened = new ArrayList<>();

  /** The server; the same within one test. */
  protected abstract KmsStandIn kms();

  /** Its keys, by their short names, the current one first. */
  protected abstract NamedKeys keys(String key, String... former);

  /** Opens them. */
  protected abstract Keyring opened(NamedKeys keys, Duration patience);

  @AfterEach
  void end() {
    opened.forEach(Keyring::close);
    kms().close();
  }

  /** Opens keys, until the test ends. */
  protected final Keyring open(String key, String... former) {
    Keyring keyring = opened(keys(key, former), Duration.ofSeconds(3));
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

  /** Wraps a key under the current one. */
  protected static byte[] wrap(KeyWrapper keyring) {
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      return keyring.wrap(keyring.kekId(), key, PLACE);
    }
  }

  /** Opens what is under the current one. */
  protected static void unwrap(KeyWrapper keyring, byte[] wrapped) {
    keyring.unwrap(keyring.kekId(), wrapped, PLACE).close();
  }

  @Test
  void K05_formerKey_opensWhatIsUnderIt_untilItIsLetGo() {
    Keyring before = open("zen");
    String old = before.kekId();
    assertThat(old).isEqualTo(keys("zen").kind() + ":" + keys("zen").current());
    byte[] wrapped = wrap(before);
    Keyring keyring = open("other", "zen");
    assertThat(keyring.kekIds()).containsExactly(old, keyring.kekId());
    keyring.unwrap(old, wrapped, PLACE).close();
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).isInstanceOf(SealBrokenException.class);
    assertThatThrownBy(() -> keyring.destroy(keyring.kekId()))
        .isInstanceOf(IllegalArgumentException.class);
    keyring.destroy(old);
    keyring.destroy(old);
    assertThat(keyring.kekIds()).containsExactly(keyring.kekId());
    assertThatThrownBy(() -> keyring.unwrap(old, wrapped, PLACE))
        .isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K05_newKey_isNotMadeHere() {
    Keyring keyring = open("zen");
    int before = kms().asked();
    assertThatThrownBy(keyring::addCurrent)
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("--kek-" + keys("zen").kind() + "-former");
    assertThat(kms().asked()).isEqualTo(before);
  }

  @Test
  void K02_serverThatIgnoresThePlace_isRefused() {
    kms().ignorePlace();
    assertThatThrownBy(() -> open("zen"))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unbound: ");
  }

  @Test
  void K02_ciphertextOfImpossibleLength_isNotAskedFor() {
    Keyring keyring = open("zen");
    int before = kms().asked();
    for (int length : new int[] {0, 47, 6_145}) {
      assertThatThrownBy(() -> unwrap(keyring, new byte[length]))
          .as("%d bytes", length)
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(kms().asked()).isEqualTo(before);
  }

  @Test
  void K02_keyOfAnotherName_isNotAskedFor() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms().asked();
    for (String kek :
        List.of(keys("other").kekIds().getFirst(), keys("zen").current(), "1", "x:1")) {
      assertThatThrownBy(() -> keyring.unwrap(kek, wrapped, PLACE))
          .as(kek)
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(kms().asked()).isEqualTo(before);
  }

  @Test
  void K04_missingKey_isRefusedAndNotMade() {
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
  }

  @Test
  void K04_answerAboutAnotherKey_isNotTaken() {
    kms().name(keys("other").current());
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms().name("");
    Keyring keyring = open("zen");
    kms().name(keys("other").current());
    assertThatThrownBy(() -> wrap(keyring)).hasMessageStartingWith("kms_answer_unknown: ");
  }

  @Test
  void F34_brokenService_isAskedThreeTimes_thenNothingIsOpened() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms().asked();
    kms().breakDown(2);
    unwrap(keyring, wrapped);
    assertThat(kms().asked() - before).isEqualTo(3);
    kms().breakDown(3);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unavailable: ");
    assertThat(kms().asked() - before).isEqualTo(6);
  }

  @Test
  void F34_answerThatIsNoJson_opensNothing() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms().talkGarbage();
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_answer_unknown: ");
    assertThatThrownBy(() -> wrap(keyring)).hasMessageStartingWith("kms_answer_unknown: ");
  }

  @Test
  void F34_serviceThatDoesNotAnswer_isGivenUp() {
    open("zen");
    kms().delay(30_000);
    assertThatThrownBy(() -> opened(keys("zen"), Duration.ofMillis(200)))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_timed_out: ");
  }
}
