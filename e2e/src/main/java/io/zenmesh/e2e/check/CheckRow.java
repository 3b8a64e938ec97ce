package io.zenmesh.e2e.check;

import java.time.Duration;
import java.util.List;

/**
 * What one scenario came to, on one node in one HTTP version.
 *
 * @param scenario the scenario's name
 * @param node the ingress node that was asked first
 * @param protocol the HTTP version
 * @param expected what was expected
 * @param got the answers
 * @param reason the code of the last refusal, {@code -} for none
 * @param latency of the slowest answer
 * @param complaints what else was not as it must be, such as bytes at the target; empty when all is
 *     well
 * @param ok whether everything was as expected
 */
public record CheckRow(
    String scenario,
    String node,
    Protocol protocol,
    String expected,
    String got,
    String reason,
    Duration latency,
    List<String> complaints,
    boolean ok) {
  public CheckRow {
    complaints = List.copyOf(complaints);
  }

  /** The same row, found wanting after all. */
  CheckRow but(String complaint) {
    return new CheckRow(
        scenario, node, protocol, expected, got, reason, latency, List.of(complaint), false);
  }
}
