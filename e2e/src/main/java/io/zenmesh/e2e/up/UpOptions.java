package io.zenmesh.e2e.up;

import io.zenmesh.e2e.harness.HarnessException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/**
 * What {@code zen up} was asked for.
 *
 * @param state where keys, data and logs are kept
 * @param portBase the first of fixed ports; empty for free ones
 * @param once whether to stop after the check
 * @param verbose whether to show every row and let Envoy log more
 */
record UpOptions(Path state, Optional<Integer> portBase, boolean once, boolean verbose) {
  /**
   * @throws HarnessException when an option is unknown or lacks its value
   */
  static UpOptions parse(String... arguments) {
    Path state = Path.of(".zen");
    Optional<Integer> portBase = Optional.empty();
    boolean once = false;
    boolean verbose = false;
    Iterator<String> rest = List.of(arguments).iterator();
    while (rest.hasNext()) {
      String option = rest.next();
      switch (option) {
        case "--state" -> state = Path.of(value(option, rest));
        case "--port-base" -> portBase = Optional.of(port(value(option, rest)));
        case "--once" -> once = true;
        case "--verbose" -> verbose = true;
        default ->
            throw new HarnessException(
                "up: " + option + " (expected: --once, --port-base N, --state DIR, --verbose)");
      }
    }
    return new UpOptions(state.toAbsolutePath().normalize(), portBase, once, verbose);
  }

  private static String value(String option, Iterator<String> rest) {
    if (!rest.hasNext()) {
      throw new HarnessException(option + ": no value");
    }
    return rest.next();
  }

  private static int port(String text) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new HarnessException("--port-base: " + text + " (expected: a port number)");
    }
  }
}
