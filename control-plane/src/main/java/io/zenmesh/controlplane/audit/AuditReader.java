package io.zenmesh.controlplane.audit;

import java.util.function.Function;

/** Reads the record, of all chains. Thread-safe. */
public interface AuditReader {
  /**
   * Runs {@code work} on what is on record at one moment, however long it takes.
   *
   * @throws AuditUnavailableException when the store cannot be read
   */
  <T> T reading(Function<AuditView, T> work);
}
