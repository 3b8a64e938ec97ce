package io.zenmesh.controlplane.audit;

import java.util.Locale;

/** Why an archive could not be kept or read; the codes are stable. */
public enum ArchiveFault {
  /** The directory or bucket is not there. */
  ARCHIVE_MISSING("the place of archives to be there"),
  /** Nothing answers there, or not a server that the JVM's roots vouch for. */
  ARCHIVE_UNREACHABLE("a server that answers there"),
  /** No answer in time, or a body that does not go on. */
  ARCHIVE_TIMED_OUT("an answer in time"),
  /** There are no credentials, or they do not allow it. */
  ARCHIVE_DENIED("credentials that may list, get and put"),
  /** The store is overloaded or broken. */
  ARCHIVE_UNAVAILABLE("a store that works"),
  /** Another archive has that name; it is not written over. */
  ARCHIVE_CONFLICT("the same bytes; look at it, then move it away"),
  /** What is read is not what was written, or no whole archive of these entries. */
  ARCHIVE_DAMAGED("the archive that was written; look at it, then move it away"),
  /** It is larger than the store takes in one piece. */
  ARCHIVE_TOO_LARGE("at most 5 GiB"),
  /** A file of this machine could not be written or read. */
  ARCHIVE_DISK("a disk that works, with room"),
  /** The store answered something else than its documentation says. */
  ARCHIVE_ANSWER_UNKNOWN("an S3-compatible store");

  private final String expected;

  ArchiveFault(String expected) {
    this.expected = expected;
  }

  /** The stable code. */
  public String code() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The failure of one archive.
   *
   * @param where which
   * @param detail what happened, in no words of a server's
   */
  public ArchiveException at(String where, String detail) {
    return new ArchiveException(this, text(where, detail), null);
  }

  /** The same, with what caused it. */
  public ArchiveException at(String where, String detail, Throwable cause) {
    return new ArchiveException(this, text(where, detail), cause);
  }

  private String text(String where, String detail) {
    return code() + ": " + where + ": " + detail + " (expected: " + expected + ")";
  }
}
