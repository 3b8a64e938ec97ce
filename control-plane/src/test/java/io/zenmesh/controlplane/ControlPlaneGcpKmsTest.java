package io.zenmesh.controlplane;

import io.zenmesh.controlplane.store.gcpkms.FakeGcpKms;
import io.zenmesh.controlplane.store.kms.KmsStandIn;
import java.util.Optional;

class ControlPlaneGcpKmsTest extends ControlPlaneNamedKmsContract {
  private Optional<FakeGcpKms> kms = Optional.empty();

  @Override
  KmsStandIn kms() {
    return service();
  }

  private FakeGcpKms service() {
    FakeGcpKms service = kms.orElseGet(() -> new FakeGcpKms(home));
    kms = Optional.of(service);
    return service;
  }

  @Override
  KeyPlace place(String key, String... former) {
    return new KeyPlace.GcpKms(service().address(key, former));
  }
}
