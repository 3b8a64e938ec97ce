package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an archive is called: the chain and the numbers of its first and last entry. Its path is
 * {@code CHAIN/FROM-TO.jsonl.gz}, the numbers with 19 digits, so that names sort as entries do.
 * Immutable.
 */
public record ArchiveName(Name chain, long from, long to) {
  private static final Pattern FILE = Pattern.compile("([0-9]{19})-([0-9]{19})\\.jsonl\\.gz");

  /**
   * Checks the numbers.
   *
   * @throws IllegalArgumentException when there is no entry from the one to the other
   */
  public ArchiveName {
    if (from < 1 || to < from) {
      throw new IllegalArgumentException(
          "archive: " + from + " to " + to + " (expected: at least one entry)");
    }
  }

  static ArchiveName of(Segment segment) {
    return new ArchiveName(segment.chain(), segment.from(), segment.to());
  }

  /** Reads the last part of a path; empty when it is no archive's. */
  public static Optional<ArchiveName> parse(Name chain, String file) {
    Matcher match = FILE.matcher(file);
    if (!match.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new ArchiveName(chain, Long.parseLong(match.group(1)), Long.parseLong(match.group(2))));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** What the paths of archives of a chain that begin at an entry begin with. */
  public static String stem(Name chain, long from) {
    return String.format(Locale.ROOT, "%s/%019d-", chain.value(), from);
  }

  /** The last part of its path. */
  public String file() {
    return String.format(Locale.ROOT, "%019d-%019d.jsonl.gz", from, to);
  }

  /** Its path below the place of archives, with {@code /}. */
  public String path() {
    return chain.value() + "/" + file();
  }
}
