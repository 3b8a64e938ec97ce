package io.zenmesh.e2e.up;

import io.zenmesh.e2e.harness.HarnessException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;

/** The entry point of {@code zen up}. */
public final class Main {
  private Main() {}

  /**
   * Exit status 0 when every row of the check was as expected, 1 when not or when the start failed,
   * 2 for a wrong command line.
   */
  public static void main(String[] arguments) {
    Screen screen = Screen.of(System.out, System.getenv());
    UpOptions options;
    try {
      options = UpOptions.parse(arguments);
    } catch (HarnessException e) {
      screen.failure(e.getMessage(), "");
      System.exit(2);
      return;
    }
    System.exit(run(options, screen));
  }

  private static int run(UpOptions options, Screen screen) {
    try {
      return new Up(options, System.getenv(), Clock.systemUTC(), screen).run();
    } catch (HarnessException e) {
      screen.failure(e.getMessage(), e.detail());
    } catch (IOException | UncheckedIOException e) {
      screen.failure(e.getMessage() == null ? e.toString() : e.getMessage(), "");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return 1;
  }
}
