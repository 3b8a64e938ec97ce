package io.zenmesh.controlplane.store.gcpkms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.store.kms.NamedKeyringContract;
import io.zenmesh.controlplane.store.kms.NamedKeys;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GcpKmsServiceTest extends NamedKeyringContract {
  @TempDir Path folder;
  private FakeGcpKms kms;

  @BeforeEach
  void start() {
    kms = new FakeGcpKms(folder);
  }

  @Override
  protected FakeGcpKms kms() {
    return kms;
  }

  @Override
  protected NamedKeys keys(String key, String... former) {
    return kms.address(key, former);
  }

  @Override
  protected Keyring opened(NamedKeys keys, Duration patience) {
    return GcpKmsService.open((GcpKmsAddress) keys, patience);
  }

  @Test
  void checksum_isTheOneOfTheRfc() {
    // RFC 3720, B.4: 32 bytes of zeroes; and the check value of CRC-32C.
    assertThat(GcpKmsService.checksum(new byte[32])).isEqualTo("" + 0x8a9136aaL);
    assertThat(GcpKmsService.checksum("123456789".getBytes(StandardCharsets.US_ASCII)))
        .isEqualTo("" + 0xe3069283L);
  }

  @Test
  void K02_dataSentToBeBound_isADigest_andNotThePlaceItself() {
    wrap(open("zen"));
    assertThat(HexFormat.of().formatHex(Base64.getDecoder().decode(kms.seenPlace())))
        .isEqualTo("039058c6f2c0cb492c533b0a4d14ef77cc0f78abccced5287d84a1a2011cfb81");
  }

  @Test
  void K04_keyThatIsDisabledOrOfAnotherKind_isRefused() {
    for (String state :
        List.of("DISABLED", "DESTROYED", "DESTROY_SCHEDULED", "PENDING_GENERATION")) {
      kms.turn(state);
      assertThatThrownBy(() -> open("zen"))
          .as(state)
          .hasMessageStartingWith("kms_key_unfit: ")
          .hasMessageContaining("is not one to wrap with");
    }
    kms.turn("ENABLED");
    kms.become("RAW_ENCRYPT_DECRYPT", "GOOGLE_SYMMETRIC_ENCRYPTION");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.become("ENCRYPT_DECRYPT", "EXTERNAL_SYMMETRIC_ENCRYPTION");
    assertThatThrownBy(() -> open("zen")).hasMessageStartingWith("kms_key_unfit: ");
    kms.become("ENCRYPT_DECRYPT", "GOOGLE_SYMMETRIC_ENCRYPTION");
    assertThat(open("zen").kekId()).isEqualTo("gcp-kms:" + FakeGcpKms.resource("zen"));
  }

  @Test
  void F34_versionDisabledSince_isNoBrokenSeal() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.turn("DISABLED");
    int before = kms.asked();
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_key_unfit: ")
        .hasMessageContaining("answered 400 FAILED_PRECONDITION");
    assertThat(kms.asked() - before).isOne();
  }

  @Test
  void F34_refusal_isAskedOnce_andIsNoBrokenSeal() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.fail(403, "PERMISSION_DENIED", 1);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_denied: ");
    kms.fail(401, "UNAUTHENTICATED", 1);
    assertThatThrownBy(() -> unwrap(keyring, wrapped)).hasMessageStartingWith("kms_denied: ");
    kms.fail(418, "SOMETHING", 1);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_answer_unknown: ");
    assertThat(kms.asked() - before).isEqualTo(3);
    kms.fail(429, "RESOURCE_EXHAUSTED", 2);
    unwrap(keyring, wrapped);
    assertThat(kms.asked() - before).isEqualTo(6);
  }

  @Test
  void K02_answerChangedOnItsWay_isAskedForAgain_andNeverTaken() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.changeAnswers(2);
    unwrap(keyring, wrapped);
    kms.changeAnswers(2);
    wrap(keyring);
    assertThat(kms.asked() - before).isEqualTo(6);
    kms.changeAnswers(6);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_answer_unknown: ")
        .hasMessageContaining("changed on its way");
    assertThatThrownBy(() -> wrap(keyring)).hasMessageContaining("changed on its way");
    assertThat(kms.asked() - before).isEqualTo(12);
  }

  @Test
  void K02_questionChangedOnItsWay_isAskedAgain_andIsNoBrokenSeal() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    int before = kms.asked();
    kms.doubt(2);
    unwrap(keyring, wrapped);
    assertThat(kms.asked() - before).isEqualTo(3);
    kms.doubt(3);
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageContaining("changed on its way");
  }

  @Test
  void K02_serverThatChecksNothing_isNotTrusted() {
    Keyring keyring = open("zen");
    for (String field : List.of("Plaintext", "AdditionalAuthenticatedData")) {
      kms.leaveUnchecked(field);
      assertThatThrownBy(() -> wrap(keyring)).as(field).hasMessageContaining("changed on its way");
    }
  }

  @Test
  void F34_nothingThere_isUnreachable() {
    Keyring keyring = open("zen");
    byte[] wrapped = wrap(keyring);
    kms.close();
    assertThatThrownBy(() -> unwrap(keyring, wrapped))
        .isInstanceOf(CustodyException.class)
        .hasMessageStartingWith("kms_unreachable: ");
    // Google's library goes on trying to get a token for longer than we wait.
    assertThatThrownBy(() -> opened(keys("zen"), Duration.ofMillis(200)))
        .hasMessageStartingWith("kms_timed_out: ")
        .hasMessageContaining("no token in time");
  }

  @Test
  void F34_callerWithoutAToken_orWithoutCredentials_isDenied() throws IOException {
    kms.trust(false);
    int before = kms.asked();
    assertThatThrownBy(() -> open("zen"))
        .hasMessageStartingWith("kms_denied: ")
        .hasMessageContaining("no token");
    Files.writeString(kms.credentials(), "{}");
    assertThatThrownBy(() -> open("zen"))
        .hasMessageStartingWith("kms_denied: ")
        .hasMessageContaining("no credentials");
    Files.setPosixFilePermissions(kms.credentials(), PosixFilePermissions.fromString("rw-r--r--"));
    assertThatThrownBy(() -> open("zen")).hasMessageContaining("rw-r--r-- (expected: rw-------)");
    assertThat(kms.asked()).isEqualTo(before);
  }

  @Test
  void addressOfAnotherForm_isRefused() {
    String zen = FakeGcpKms.resource("zen");
    for (String name :
        List.of("zen", zen + "/cryptoKeyVersions/1", "/" + zen, zen + "?x", zen + ":encrypt")) {
      assertThatThrownBy(
              () -> new GcpKmsAddress(name, List.of(), Optional.empty(), Optional.empty()))
          .as(name)
          .hasMessageContaining("(expected: projects/P/locations/L/keyRings/R/cryptoKeys/K");
    }
    assertThatThrownBy(
            () -> new GcpKmsAddress(zen, List.of(zen), Optional.empty(), Optional.empty()))
        .hasMessageContaining("another key");
    for (String url : List.of("http://kms.example", "https://u@kms", "https://kms/x", "kms")) {
      assertThatThrownBy(() ->
              new GcpKmsAddress(zen, List.of(), Optional.of(URI.create(url)), Optional.empty()))
          .as(url)
          .hasMessageContaining("expected: https://HOST[:PORT]");
    }
  }
}
