package io.zenmesh.controlplane.store.awskms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.store.kms.NamedKeyringContract;
import io.zenmesh.controlplane.store.kms.NamedKeys;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AwsKmsServiceTest extends NamedKeyringContract {
  private FakeAwsKms kms;

  @BeforeEach
  void start() {
    kms = new FakeAwsKms();
  }

  @Override
  protected FakeAwsKms kms() {
    return kms;
  }

  @Override
  protected NamedKeys keys(String key, String... former) {
    return kms.address(key, former);
  }

  @Override
  protected Keyring opened(NamedKeys keys, Duration patience) {
    return AwsKmsService.open((AwsKmsAddress) keys, patience);
  }

  @Test
  void K02_contextSent_isADigest_andNotThePlaceItself() {
    Keyring keyring = open("zen");
    wrap(keyring);
    // SHA-256 of 01 02 03.
    assertThat(kms.seenContext())
        .isEqualTo(
            "{zen-mesh-place=039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81}");
  }

  @Test
  void K02_openedUnderAnotherKey_isNotTaken() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.name(FakeAwsKms.arn("other"));
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).isInstanceOf(SealBrokenException.class);
  }

  @Test
  void K04_keyThatIsDisabledOrOfAnotherKind_isRefused() {
    kms.become("RSA_4096");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.become("SYMMETRIC_DEFAULT");
    kms.serve("GENERATE_VERIFY_MAC");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.serve("ENCRYPT_DECRYPT");
    kms.enable(false);
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.enable(true);
    assertThat(open("zen").kekId()).endsWith("key/zen");
  }

  @Test
  void F34_throttled_isAskedThreeTimes() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.fail(400, "ThrottlingException", 3);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unavailable: ");
    assertThat(kms.asked() - before).isEqualTo(3);
  }

  @Test
  void F34_refusal_isAskedOnce_andIsNoBrokenSeal() {
    Keyring keyring = open("zen");
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
    Keyring keyring = open("zen");
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
    Keyring keyring = open("zen");
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
  void F34_nothingThere_isUnreachable() {
    Keyring keyring = open("zen");
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
          .hasMessageContaining("kek-aws-kms-former: " + former + " (expected: a");
    }
    for (String url : List.of("http://kms.example", "https://u@kms", "https://kms/x", "kms")) {
      assertThatThrownBy(() -> new AwsKmsAddress(zen, List.of(), Optional.of(URI.create(url))))
          .as(url)
          .hasMessageContaining("expected: https://HOST[:PORT]");
    }
  }
}
