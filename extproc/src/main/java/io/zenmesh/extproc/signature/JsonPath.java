package io.zenmesh.extproc.signature;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A place in a JSON document, written {@code data.items.[].id}: names of members, and {@code []}
 * for the element of an array that has exactly one.
 */
record JsonPath(List<String> steps) {
  /** The step into an array of one element. */
  static final String ONLY_ELEMENT = "[]";

  private static final int MAX_STEPS = 8;
  private static final Pattern STEP = Pattern.compile("[A-Za-z0-9_-]{1,64}|\\[\\]");

  JsonPath {
    steps = List.copyOf(steps);
  }

  /**
   * Reads a path.
   *
   * @throws IllegalArgumentException when it is not of the form above, or has more than 8 steps
   */
  static JsonPath parse(String text) {
    List<String> steps = List.of(text.split("\\.", -1));
    if (steps.size() > MAX_STEPS || !steps.stream().allMatch(s -> STEP.matcher(s).matches())) {
      throw new IllegalArgumentException("path");
    }
    return new JsonPath(steps);
  }

  @Override
  public String toString() {
    return String.join(".", steps);
  }
}
