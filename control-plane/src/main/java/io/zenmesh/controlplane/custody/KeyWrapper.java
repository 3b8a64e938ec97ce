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
  /** The id of the key to wrap under now; not secret, and another one after a rotation. */
  String kekId();

  /**
   * Wraps a data key.
   *
   * @param kekId what {@link #kekId()} gave: the caller has bound it into the associated data, so
   *     the key is named, not assumed
   * @param associatedData what the wrapped key belongs to
   * @throws CustodyException when the key is not there any more, or cannot be reached
   */
  byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData);

  /**
   * Opens a wrapped key.
   *
   * @param kekId the id stated when it was wrapped
   * @throws SealBrokenException when the key is unknown, the bytes were changed, or the associated
   *     data differs
   * @throws CustodyException when the key cannot be reached
   */
  SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData);
}
