package io.zenmesh.controlplane.mesh;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** Collects what is wrong with one file. Not thread-safe. */
final class Problems {
  /** Past this many the rest is only counted: nobody reads more, and a hostile file writes them. */
  static final int SHOWN = 500;

  private static final int MAX_SHOWN_VALUE = 80;

  private final String file;
  private final List<MeshProblem> found = new ArrayList<>();
  private int unshown;

  Problems(String file) {
    this.file = file;
  }

  /** Adds {@code path: value (expected: expected)}. */
  void add(int line, String subject, String path, String value, String expected) {
    add(line, subject, path + ": " + value + " (expected: " + expected + ")");
  }

  void add(int line, String subject, String text) {
    if (found.size() >= SHOWN) {
      unshown++;
      return;
    }
    found.add(new MeshProblem(file, line, subject, text));
  }

  boolean none() {
    return found.isEmpty();
  }

  /** What was found, by line. */
  List<MeshProblem> sorted() {
    List<MeshProblem> all = new ArrayList<>(found);
    Collections.sort(all);
    if (unshown > 0) {
      int line = all.getLast().line();
      all.add(new MeshProblem(file, line, "", "and " + unshown + " more problems"));
    }
    return List.copyOf(all);
  }

  /** A value fit for one line of a terminal: printable ASCII, cut. */
  static String shown(String value) {
    String cut =
        value.length() > MAX_SHOWN_VALUE ? value.substring(0, MAX_SHOWN_VALUE) + "..." : value;
    String printable = cut.replaceAll("[^\\x20-\\x7e]", "?");
    return printable.isEmpty() ? "empty" : printable;
  }
}
