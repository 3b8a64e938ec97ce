package io.zenmesh.controlplane.store.kms;

import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretBytes;

/** Whether a service binds what it wraps to its place: some take the parameter and ignore it. */
public final class Binding {
  private Binding() {}

  /**
   * Wraps a value that is not secret, opens it, and tries to open it in another place.
   *
   * @throws io.zenmesh.controlplane.custody.CustodyException {@code kms_unbound} when that opens
   *     too, or whatever keeps it from being asked
   */
  public static void prove(KeyWrapper wrapper, KmsPlace place) {
    String kek = wrapper.kekId();
    try (SecretBytes probe = SecretBytes.takeOver(new byte[32])) {
      byte[] wrapped = wrapper.wrap(kek, probe, new byte[] {1});
      wrapper.unwrap(kek, wrapped, new byte[] {1}).close();
      try {
        wrapper.unwrap(kek, wrapped, new byte[] {2}).close();
      } catch (SealBrokenException asItMust) {
        return;
      }
    }
    throw KmsFault.KMS_UNBOUND.at(place, "opens what is bound to another place");
  }
}
