package io.zenmesh.controlplane.audit;

import java.util.function.Consumer;

/** Where the places of the log are kept. Thread-safe; many processes may use one store. */
public interface LogStore extends MerkleLog.Entries {
  /**
   * Gives a place at the end of the log to entries that have none; one process at a time does, for
   * the others there is nothing to do.
   *
   * @param most how many at once
   * @return how many got one
   * @throws AuditUnavailableException when the store fails; then none has
   */
  int integrate(int most);

  /** Whether any entry is on record. */
  boolean anyEntry();

  /** The hashes of the log from a position on, in order. */
  void from(long position, Consumer<Hash> to);
}
