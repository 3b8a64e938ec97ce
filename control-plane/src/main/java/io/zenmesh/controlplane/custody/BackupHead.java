package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The first line of a backup, in the clear: its form, where it comes from and when it was made. The
 * seal below it authenticates the line, so none of it can be changed.
 */
record BackupHead(Installation installation, Name tenant, Instant created) {
  /** The longest, in bytes, with its newline. */
  static final int MAX_BYTES = 160;

  private static final String FORM = "zen-backup-1";
  private static final Pattern LINE =
      Pattern.compile(FORM + " ([0-9a-f]{32}) ([a-z0-9][a-z0-9-]{0,62}) ([0-9TZ:.-]{20,32})\n");

  /** The line with its newline. */
  String line() {
    return FORM + " " + installation.id() + " " + tenant + " " + created + "\n";
  }

  /** What the seal under this line is for: nothing sealed under another line opens. */
  String use() {
    return "secret-backup " + line();
  }

  /** Reads what {@link #line()} writes at the start of a file; empty when it is anything else. */
  static Optional<BackupHead> read(byte[] file) {
    int end = 0;
    while (end < Math.min(file.length, MAX_BYTES) && file[end] != '\n') {
      end++;
    }
    if (end >= Math.min(file.length, MAX_BYTES)) {
      return Optional.empty();
    }
    String line = new String(Arrays.copyOf(file, end + 1), StandardCharsets.ISO_8859_1);
    Matcher matcher = LINE.matcher(line);
    if (!matcher.matches()) {
      return Optional.empty();
    }
    try {
      BackupHead head =
          new BackupHead(
              new Installation(matcher.group(1)),
              new Name(matcher.group(2)),
              Instant.parse(matcher.group(3)));
      // One moment has many texts, and what follows is found by the length of ours.
      return head.line().equals(line) ? Optional.of(head) : Optional.empty();
    } catch (DateTimeException malformed) {
      return Optional.empty();
    }
  }
}
