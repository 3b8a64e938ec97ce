package io.zenmesh.e2e.up;

import io.zenmesh.e2e.harness.Progress;
import java.io.Console;
import java.io.PrintStream;
import java.time.Duration;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the person in front sees: one moving line while parts start on a terminal, plain lines
 * elsewhere, colour only where it is wanted. Safe for use by several threads.
 */
final class Screen implements Progress {
  private static final String CLEAR = "\r\033[K";
  private static final String RED = "\033[31m";
  private static final String GREEN = "\033[32m";
  private static final String BOLD = "\033[1m";
  private static final String PLAIN = "\033[0m";
  private static final double NANOS_PER_SECOND = 1e9;

  private final PrintStream out;
  private final boolean moving;
  private final boolean colour;
  private final Set<String> pending = new LinkedHashSet<>();

  Screen(PrintStream out, boolean moving, boolean colour) {
    this.out = out;
    this.moving = moving;
    this.colour = colour;
  }

  /**
   * The screen of this process: moving and coloured on a terminal, unless {@code NO_COLOR} or CI.
   */
  static Screen of(PrintStream out, Map<String, String> environment) {
    boolean terminal =
        Optional.ofNullable(System.console()).filter(Console::isTerminal).isPresent()
            && !environment.containsKey("CI")
            && !"dumb".equals(environment.get("TERM"));
    boolean plain = !environment.getOrDefault("NO_COLOR", "").isEmpty();
    return new Screen(out, terminal, terminal && !plain);
  }

  @Override
  public synchronized void started(String part) {
    pending.add(part);
    showPending();
  }

  @Override
  public synchronized void ready(String part, Duration took) {
    pending.remove(part);
    line(
        String.format(
            Locale.ROOT, "%-20s ready in %.1f s", part, took.toNanos() / NANOS_PER_SECOND));
    showPending();
  }

  /** Whether lines can be taken back. */
  boolean isMoving() {
    return moving;
  }

  synchronized void line(String text) {
    out.println((moving ? CLEAR : "") + text);
    out.flush();
  }

  synchronized void heading(String text) {
    line("");
    line(paint(BOLD, text));
  }

  /** A table of which each line ends in ok or FAIL. */
  void table(String text) {
    text.lines().forEach(this::row);
  }

  synchronized void failure(String message, String detail) {
    pending.clear();
    line(paint(RED, "zen: " + message));
    if (!detail.isEmpty()) {
      line(detail);
    }
  }

  /** A step that is shown while it lasts, and is said once where lines cannot be taken back. */
  synchronized void step(String text) {
    if (moving) {
      out.print(CLEAR + text);
      out.flush();
    } else {
      line(text);
    }
  }

  private void row(String row) {
    if (row.endsWith(" ok")) {
      line(row.substring(0, row.length() - 2) + paint(GREEN, "ok"));
    } else if (row.endsWith(" FAIL") || row.startsWith("    ! ")) {
      line(paint(RED, row));
    } else {
      line(row);
    }
  }

  private void showPending() {
    if (moving && !pending.isEmpty()) {
      out.print(CLEAR + "starting " + String.join(", ", pending));
      out.flush();
    }
  }

  private String paint(String code, String text) {
    return colour ? code + text + PLAIN : text;
  }
}
