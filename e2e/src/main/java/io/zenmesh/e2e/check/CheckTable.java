package io.zenmesh.e2e.check;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Renders check rows as text for people. Pure. */
public final class CheckTable {
  private static final List<String> HEAD =
      List.of("scenario", "node", "http", "expected", "got", "reason", "ms", "");

  private static final double NANOS_PER_MILLI = 1e6;

  private CheckTable() {}

  private record Line(List<String> cells, List<String> complaints) {}

  /** One line for each row, complaints below it, and a closing line that counts. */
  public static String render(List<CheckRow> rows) {
    return render(rows.stream().map(row -> line(List.of(row))).toList(), rows);
  }

  /**
   * One line for each scenario, all nodes and versions taken together where they agree; rows that
   * are not as expected stand alone.
   */
  public static String renderBrief(List<CheckRow> rows) {
    List<Line> lines = new ArrayList<>();
    for (String scenario : rows.stream().map(CheckRow::scenario).distinct().toList()) {
      List<CheckRow> same = rows.stream().filter(r -> r.scenario().equals(scenario)).toList();
      List<CheckRow> good = same.stream().filter(CheckRow::ok).toList();
      for (String got : good.stream().map(CheckRow::got).distinct().toList()) {
        lines.add(line(good.stream().filter(row -> row.got().equals(got)).toList()));
      }
      same.stream().filter(row -> !row.ok()).map(row -> line(List.of(row))).forEach(lines::add);
    }
    return render(lines, rows);
  }

  /** The closing line: how many rows were as expected. */
  public static String summary(List<CheckRow> rows) {
    long good = rows.stream().filter(CheckRow::ok).count();
    return good + " of " + rows.size() + " as expected";
  }

  private static String render(List<Line> lines, List<CheckRow> rows) {
    int[] widths = widths(lines);
    StringBuilder out = new StringBuilder();
    write(out, HEAD, widths);
    for (Line line : lines) {
      write(out, line.cells(), widths);
      for (String complaint : line.complaints()) {
        out.append("    ! ").append(complaint).append('\n');
      }
    }
    return out.append(summary(rows)).append('\n').toString();
  }

  /** Takes rows together that differ in node, version and latency only. */
  private static Line line(List<CheckRow> rows) {
    CheckRow first = rows.getFirst();
    long slowest = rows.stream().mapToLong(row -> row.latency().toNanos()).max().orElse(0);
    return new Line(
        List.of(
            first.scenario(),
            distinct(rows, CheckRow::node),
            distinct(rows, row -> row.protocol().label()),
            first.expected(),
            first.got(),
            distinct(rows, CheckRow::reason),
            String.format(Locale.ROOT, "%.1f", slowest / NANOS_PER_MILLI),
            first.ok() ? "ok" : "FAIL"),
        first.complaints());
  }

  private static String distinct(List<CheckRow> rows, Function<CheckRow, String> column) {
    return rows.stream().map(column).distinct().collect(Collectors.joining(","));
  }

  private static int[] widths(List<Line> lines) {
    int[] widths = HEAD.stream().mapToInt(String::length).toArray();
    for (Line line : lines) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], line.cells().get(i).length());
      }
    }
    return widths;
  }

  private static void write(StringBuilder out, List<String> cells, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int i = 0; i < widths.length; i++) {
      line.append(cells.get(i)).repeat(" ", widths[i] - cells.get(i).length() + 2);
    }
    out.append(line.toString().stripTrailing()).append('\n');
  }
}
