package io.zenmesh.controlplane.cli;

import java.util.ArrayList;
import java.util.List;

/** Rows of text as aligned columns, two blanks apart. */
final class TextTable {
  private static final String GAP = "  ";

  private TextTable() {}

  /**
   * @param rows of equal length, the first being the heading
   */
  static List<String> lines(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int i = 0; i < columns; i++) {
        widths[i] = Math.max(widths[i], printable(row.get(i)).length());
      }
    }
    List<String> lines = new ArrayList<>();
    for (List<String> row : rows) {
      StringBuilder line = new StringBuilder();
      for (int i = 0; i < columns; i++) {
        String cell = printable(row.get(i));
        line.append(i == 0 ? "" : GAP).append(cell).append(" ".repeat(widths[i] - cell.length()));
      }
      lines.add(line.toString().stripTrailing());
    }
    return lines;
  }

  /** A node's own words may hold anything; a terminal gets one line of visible characters. */
  private static String printable(String cell) {
    return cell.replaceAll("[^\\x20-\\x7e]", " ");
  }
}
