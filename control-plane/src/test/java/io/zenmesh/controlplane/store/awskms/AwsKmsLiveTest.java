package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.store.kms.LiveKmsContract;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;

/** AWS KMS itself, with credentials of the SDK's default chain. */
@Tag("slow")
class AwsKmsLiveTest extends LiveKmsContract {
  AwsKmsLiveTest() {
    super("ZEN_AWS_KMS_ARN", "ZEN_AWS_KMS_OTHER_ARN");
  }

  @Override
  protected Keyring open(String arn) {
    return AwsKmsService.open(new AwsKmsAddress(arn, List.of(), Optional.empty()));
  }
}
