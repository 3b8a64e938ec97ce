package io.zenmesh.controlplane.store.gcpkms;

import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.store.kms.LiveKmsContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** Google Cloud KMS itself, with the application default credentials. */
@Tag("slow")
class GcpKmsLiveTest extends LiveKmsContract {
  GcpKmsLiveTest() {
    super("ZEN_GCP_KMS_KEY", "ZEN_GCP_KMS_OTHER_KEY");
  }

  @Override
  protected Keyring open(String key) {
    return GcpKmsService.open(
        new GcpKmsAddress(key, List.of(), Optional.empty(), Optional.empty()));
  }
}
