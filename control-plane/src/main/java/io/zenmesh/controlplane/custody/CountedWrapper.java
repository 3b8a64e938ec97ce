package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.secret.SecretBytes;

/**
 * Another wrapper, whose uses are counted before they happen, a block at a time: after a crash the
 * count is too high by at most a block, never too low. Thread-safe.
 */
public final class CountedWrapper implements KeyWrapper {
  private static final int BLOCK = 1_000;

  private final KeyWrapper wrapper;
  private final WrapLedger ledger;
  private String reservedFor = "";
  private int left;

  public CountedWrapper(KeyWrapper wrapper, WrapLedger ledger) {
    this.wrapper = wrapper;
    this.ledger = ledger;
  }

  @Override
  public String kekId() {
    return wrapper.kekId();
  }

  @Override
  public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
    count(kekId);
    return wrapper.wrap(kekId, dataKey, associatedData);
  }

  /** Apart from the wrapping: a key service that is slow to answer holds up nobody else. */
  private synchronized void count(String kekId) {
    if (left == 0 || !reservedFor.equals(kekId)) {
      ledger.reserve(kekId, BLOCK);
      reservedFor = kekId;
      left = BLOCK;
    }
    left--;
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    return wrapper.unwrap(kekId, wrapped, associatedData);
  }
}
