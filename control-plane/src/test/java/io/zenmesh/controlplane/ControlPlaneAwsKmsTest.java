package io.zenmesh.controlplane;

import io.zenmesh.controlplane.store.awskms.FakeAwsKms;
import io.zenmesh.controlplane.store.kms.KmsStandIn;
import java.util.Optional;

class ControlPlaneAwsKmsTest extends ControlPlaneNamedKmsContract {
  private Optional<FakeAwsKms> kms = Optional.empty();

  @Override
  KmsStandIn kms() {
    return service();
  }

  private FakeAwsKms service() {
    FakeAwsKms service = kms.orElseGet(FakeAwsKms::new);
    kms = Optional.of(service);
    return service;
  }

  @Override
  KeyPlace place(String key, String... former) {
    return new KeyPlace.AwsKms(service().address(key, former));
  }
}
