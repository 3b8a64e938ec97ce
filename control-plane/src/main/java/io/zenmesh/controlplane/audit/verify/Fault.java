package io.zenmesh.controlplane.audit.verify;

/** A place where a record is not what it must be. */
public sealed interface Fault {
  /**
   * At one entry of a chain.
   *
   * @param seq the first bad place
   */
  record AtEntry(String chain, long seq, String what) implements Fault {
    @Override
    public String toString() {
      return "chain " + chain + " entry " + seq + ": " + what;
    }
  }

  /**
   * Somewhere in a stretch of the log.
   *
   * @param from the first position that may be bad, from 0
   * @param to the last one
   */
  record InLog(long from, long to, String what) implements Fault {
    @Override
    public String toString() {
      return "log positions " + from + " to " + to + ": " + what;
    }
  }

  /** In something that has no place in a record: a signature, a header. */
  record Outside(String what) implements Fault {
    @Override
    public String toString() {
      return what;
    }
  }
}
