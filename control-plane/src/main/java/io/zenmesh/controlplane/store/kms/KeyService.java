package io.zenmesh.controlplane.store.kms;

import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretBytes;

/**
 * Asks a key management service about keys that are named to it. What cannot be asked is a {@link
 * io.zenmesh.controlplane.custody.CustodyException}. Thread-safe.
 */
public interface KeyService extends AutoCloseable {
  /** Looks at a key, and throws when it is not one to wrap with. */
  void proveFit(String key);

  /**
   * Wraps under this key and no other.
   *
   * @param clear the caller's to zero
   * @param place 32 bytes that the service binds, and may log
   */
  byte[] wrap(String key, byte[] clear, byte[] place);

  /**
   * Opens what is under this key and no other.
   *
   * @throws SealBrokenException when the bytes or the place are not what was wrapped
   */
  SecretBytes unwrap(String key, byte[] wrapped, byte[] place) throws SealBrokenException;

  /** Lets go of its connections. */
  @Override
  void close();
}
