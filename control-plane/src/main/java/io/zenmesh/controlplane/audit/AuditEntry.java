package io.zenmesh.controlplane.audit;

/**
 * An event at its place in a chain. Immutable.
 *
 * @param seq its place, from 1, without gaps
 * @param timeMicros when it was put there, in microseconds since 1970-01-01T00:00:00Z; never less
 *     than the entry before
 * @param event what happened
 * @param hash SHA-256 of its canonical bytes, which hold the hash of the entry before
 */
public record AuditEntry(long seq, long timeMicros, AuditEvent event, Hash hash) {
  public AuditEntry {
    if (seq < 1) {
      throw new IllegalArgumentException("seq: " + seq + " (expected: at least 1)");
    }
  }
}
