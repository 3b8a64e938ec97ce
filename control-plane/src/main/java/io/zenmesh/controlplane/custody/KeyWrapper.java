package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretBytes;

/**
 * Wraps data keys under a key that never lies in the database.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Authenticated encryption with associated data: a wrapped key opens only under the key that
 * wrapped it and with byte-equal associated data. A provider that cannot bind associated data fails
 * {@code KeyWrapperContract} and must not be used. Thread-safe.
 */
public interface KeyWrapper {
  /** The id of the key that {@link #wrap} uses now; not secret. */
  String kekId();

  /**
   * Wraps a data key under the current key.
   *
   * @param associatedData what the wrapped key belongs to
   */
  byte[] wrap(SecretBytes dataKey, byte[] associatedData);

  /**
   * Opens a wrapped key.
   *
   * @param kekId the id stated when it was wrapped
   * @throws SealBrokenException when the key is unknown, the bytes were changed, or the associated
   *     data differs
   */
  SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData);
}
