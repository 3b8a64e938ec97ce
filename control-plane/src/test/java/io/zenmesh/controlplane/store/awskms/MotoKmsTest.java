package io.zenmesh.controlplane.store.awskms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.outside.MotoServer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kms.KmsClient;
import software.amazon.awssdk.services.kms.model.KeySpec;
import software.amazon.awssdk.services.kms.model.KeyUsageType;

/**
 * The contract against moto, a stand-in for AWS KMS that others wrote. Installed from PyPI by this
 * test; skipped, with the reason, where that is not possible.
 */
@Tag("slow")
class MotoKmsTest extends KeyWrapperContract {
  @TempDir static Path folder;
  private static MotoServer moto;
  private static KmsClient owner;
  private static String zen = "";
  private static String other = "";

  private final List<Keyring> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    moto = MotoServer.start(folder);
    FakeAwsKms.credentials(true);
    owner =
        KmsClient.builder()
            .region(Region.EU_CENTRAL_1)
            .endpointOverride(moto.endpoint())
            .httpClientBuilder(UrlConnectionHttpClient.builder())
            .build();
    zen = made(KeySpec.SYMMETRIC_DEFAULT);
    other = made(KeySpec.SYMMETRIC_DEFAULT);
  }

  private static String made(KeySpec spec) {
    return owner
        .createKey(it -> it.keySpec(spec).keyUsage(KeyUsageType.ENCRYPT_DECRYPT))
        .keyMetadata()
        .arn();
  }

  @AfterAll
  static void end() throws InterruptedException {
    FakeAwsKms.credentials(false);
    if (owner != null) {
      owner.close();
    }
    if (moto != null) {
      moto.close();
    }
  }

  @AfterEach
  void close() {
    opened.forEach(Keyring::close);
  }

  private Keyring open(String arn) {
    Keyring keyring =
        AwsKmsService.open(new AwsKmsAddress(arn, List.of(), Optional.of(moto.endpoint())));
    opened.add(keyring);
    return keyring;
  }

  @Override
  protected KeyWrapper wrapper() {
    return open(zen);
  }

  @Override
  protected KeyWrapper strange() {
    return open(other);
  }

  @Override
  protected int wraps() {
    return 200;
  }

  @Test
  void K04_keyThatIsMissing_disabledOrOfAnotherKind_isRefused() {
    assertThatThrownBy(() -> open(zen.substring(0, zen.length() - 4) + "0000"))
        .hasMessageStartingWith("kms_key_unfit: ");
    String pair = made(KeySpec.RSA_2048);
    assertThatThrownBy(() -> open(pair)).hasMessageStartingWith("kms_key_unfit: ");
    String disabled = made(KeySpec.SYMMETRIC_DEFAULT);
    assertThat(open(disabled).kekId()).isEqualTo("aws-kms:" + disabled);
    // By its id: moto takes no ARN here.
    owner.disableKey(it -> it.keyId(disabled.substring(disabled.indexOf('/') + 1)));
    assertThatThrownBy(() -> open(disabled)).hasMessageStartingWith("kms_key_unfit: ");
  }
}
