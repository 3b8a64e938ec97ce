package io.zenmesh.e2e.check;

import java.time.Duration;

/** What the sample target does with a request, once it has read it all. */
public sealed interface TargetAnswer {
  /** What it does where nothing else was asked: 200 at once. */
  TargetAnswer OK = new Status(200, Duration.ZERO);

  /**
   * An answer with this status.
   *
   * @param status the HTTP status
   * @param delay how long it waits first
   */
  record Status(int status, Duration delay) implements TargetAnswer {}

  /** No answer, the connection stays open. */
  record Hang() implements TargetAnswer {}

  /** The connection is cut with a TCP reset. */
  record Reset() implements TargetAnswer {}
}
