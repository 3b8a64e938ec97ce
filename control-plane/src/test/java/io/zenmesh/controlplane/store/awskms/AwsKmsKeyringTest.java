package io.zenmesh.controlplane.store.awskms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwsKmsKeyringTest extends KeyWrapperContract {
  private static final byte[] PLACE = {1, 2, 3};

  private final List<AwsKmsKeyring> opened = new ArrayList<>();
  private FakeAwsKms kms;

  @BeforeEach
  void start() {
    kms = new FakeAwsKms();
  }

  @AfterEach
  void end() {
    opened.forEach(AwsKmsKeyring::close);
    kms.close();
  }

  private AwsKmsKeyring open(String key, String... former) {
    AwsKmsKeyring keyring = AwsKmsKeyring.open(kms.address(key, former));
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

  private static byte[] wrap(AwsKmsKeyring keyring) {
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      return keyring.wrap(keyring.kekId(), key, PLACE);
    }
  }

  private static void unwrap(AwsKmsKeyring keyring, byte[] wrapped) {
    keyring.unwrap(keyring.kekId(), wrapped, PLACE).close();
  }

  @Test
  void K05_formerKey_opensWhatIsUnderIt_untilItIsLetGo() {
    AwsKmsKeyring before = open("zen");
    String old = before.kekId();
    assertThat(old).isEqualTo("aws-kms:" + FakeAwsKms.arn("zen"));
    byte[] wrapped = wrap(before);
    AwsKmsKeyring keyring = open("other", "zen");
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
    AwsKmsKeyring keyring = open("zen");
    int before = kms.asked();
    assertThatThrownBy(keyring::addCurrent)
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("--kek-aws-kms-former");
    assertThat(kms.asked()).isEqualTo(before);
  }

  @Test
  void K02_serverThatIgnoresTheContext_isRefused() {
    kms.ignoreContext();
    assertThatThrownBy(() -> open("zen"))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unbound: ");
  }

  @Test
  void K02_contextSent_isADigest_andNotThePlaceItself() {
    AwsKmsKeyring keyring = open("zen");
    wrap(keyring);
    // SHA-256 of 01 02 03.
    assertThat(kms.seenContext())
        .isEqualTo(
            "{zen-mesh-place=039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81}");
  }

  @Test
  void K02_answerUnderAnotherKey_isNotTaken() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.name(FakeAwsKms.arn("other"));
    assertThatThrownBy(() -> wrap(keyring)).hasMessageStartingWith("kms_answer_unknown: ");
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K02_ciphertextOfImpossibleLength_isNotAskedFor() {
    AwsKmsKeyring keyring = open("zen");
    int before = kms.asked();
    for (int length : new int[] {0, 47, 6_145}) {
      assertThatThrownBy(() -> unwrap(keyring, new byte[length]))
          .as("%d bytes", length)
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(kms.asked()).isEqualTo(before);
  }

  @Test
  void K02_keyOfAnotherName_isNotAskedFor() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    for (String kek : List.of("aws-kms:" + FakeAwsKms.arn("other"), FakeAwsKms.arn("zen"), "1")) {
      assertThatThrownBy(() -> keyring.unwrap(kek, wrapped, PLACE))
          .as(kek)
          .isInstanceOf(SealBrokenException.class);
    }
    assertThat(kms.asked()).isEqualTo(before);
  }

  @Test
  void K04_keyThatIsMissing_disabledOrOfAnotherKind_isRefusedAndNotMade() {
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
    assertThatThrownBy(() -> open("missing")).hasMessageStartingWith("kms_key_unfit: ");
    kms.become("RSA_4096");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.become("SYMMETRIC_DEFAULT");
    kms.serve("GENERATE_VERIFY_MAC");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.serve("ENCRYPT_DECRYPT");
    kms.enable(false);
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.enable(true);
    kms.name(FakeAwsKms.arn("other"));
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.name("");
    assertThat(open("zen").kekId()).endsWith("key/zen");
  }

  @Test
  void F34_brokenService_isAskedThreeTimes_thenNothingIsOpened() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.fail(503, "KMSInternalException", 2);
    unwrap(keyring, wrapped);
    assertThat(kms.asked() - before).isEqualTo(3);
    kms.fail(503, "KMSInternalException", 3);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unavailable: ");
    assertThat(kms.asked() - before).isEqualTo(6);
    kms.fail(400, "ThrottlingException", 3);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unavailable: ");
  }

  @Test
  void F34_refusal_isAskedOnce_andIsNoBrokenSeal() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.refuse("Decrypt", "User: x is not authorized to perform: kms:Decrypt on resource: y");
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_denied: ");
    assertThat(kms.asked() - before).isEqualTo(1);
    kms.refuse("", "");
    kms.fail(400, "DisabledException", 1);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_key_unfit: ");
    assertThat(kms.asked() - before).isEqualTo(2);
  }

  @Test
  void F34_refusalWithoutText_isNoBrokenSeal_whileNothingElseOpensEither() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.refuse("Decrypt", "");
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_denied: ");
    assertThat(kms.asked() - before).isEqualTo(3);
    // Nothing can be tried without the right to wrap: then it stays a refusal.
    kms.refuse("Encrypt", "");
    kms.tellBrokenBlobsBy("AccessDeniedException");
    wrapped[20] ^= 1;
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).hasMessageStartingWith("kms_denied: ");
  }

  @Test
  void K02_ciphertextRefusedAsIfARightWereMissing_isABrokenSeal_whenAnotherOpens() {
    kms.tellBrokenBlobsBy("AccessDeniedException");
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    wrapped[20] ^= 1;
    int before = kms.asked();
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).isInstanceOf(SealBrokenException.class);
    assertThat(kms.asked() - before).isEqualTo(3);
    // What was opened under another key says nothing about this one.
    kms.name(FakeAwsKms.arn("other"));
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).hasMessageStartingWith("kms_denied: ");
  }

  @Test
  void F34_answerThatIsNoJson_opensNothing() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.talkGarbage();
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_answer_unknown: ");
    assertThatThrownBy(() -> wrap(keyring)).hasMessageStartingWith("kms_answer_unknown: ");
  }

  @Test
  void F34_serviceThatDoesNotAnswer_isGivenUp() {
    kms.delay(30_000);
    assertThatThrownBy(() -> AwsKmsKeyring.open(kms.address("zen"), Duration.ofMillis(200)))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_timed_out: ");
  }

  @Test
  void F34_nothingThere_isUnreachable() {
    AwsKmsKeyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.close();
    FakeAwsKms.credentials(true);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unreachable: ");
  }

  @Test
  void addressOfAnotherForm_isRefused() {
    for (String arn :
        List.of(
            "zen",
            "arn:aws:kms:eu-central-1:111122223333:alias/zen",
            "arn:aws:s3:eu-central-1:111122223333:key/zen",
            FakeAwsKms.arn("zen/more"))) {
      assertThatThrownBy(() -> new AwsKmsAddress(arn, List.of(), Optional.empty()))
          .as(arn)
          .hasMessageContaining("(expected: arn:aws:kms:REGION:ACCOUNT:key/ID, no alias)");
    }
    String zen = FakeAwsKms.arn("zen");
    for (String former : List.of(zen, "arn:aws:kms:us-east-1:111122223333:key/zen")) {
      assertThatThrownBy(() -> new AwsKmsAddress(zen, List.of(former), Optional.empty()))
          .as(former)
          .hasMessageContaining("another key of the same region");
    }
    for (String url : List.of("http://kms.example", "https://u@kms", "https://kms/x", "kms")) {
      assertThatThrownBy(() -> new AwsKmsAddress(zen, List.of(), Optional.of(URI.create(url))))
          .as(url)
          .hasMessageContaining("expected: https://HOST[:PORT]");
    }
  }
}
