package io.zenmesh.e2e.control;

import io.zenmesh.e2e.harness.Checkout;
import io.zenmesh.e2e.harness.StateDirectory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs {@code zenctl} against a mesh, in its own JVM, as a user would. */
public final class Zenctl {
  private static final String MAIN = "io.zenmesh.controlplane.cli.Zenctl";
  private static final int HEAP_MEBIBYTES = 128;
  private static final int LONGEST_SECONDS = 30;

  private final StateDirectory state;

  /**
   * What a run did.
   *
   * @param status its exit status
   * @param out its output
   * @param err its errors
   */
  public record Result(int status, String out, String err) {}

  public Zenctl(StateDirectory state) {
    this.state = state;
  }

  /** Runs one command line to its end. */
  public Result run(String... words) {
    List<String> arguments = new ArrayList<>(List.of(words));
    arguments.addFirst(state.zenctlFile().toString());
    arguments.addFirst("--config");
    List<String> command = Checkout.find().java("control-plane", MAIN, HEAP_MEBIBYTES, arguments);
    try {
      Path out = Files.createTempFile("zenctl", ".out");
      Path err = Files.createTempFile("zenctl", ".err");
      try {
        Process process =
            new ProcessBuilder(command)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile())
                .start();
        if (!process.waitFor(LONGEST_SECONDS, TimeUnit.SECONDS)) {
          process.destroyForcibly();
          throw new AssertionError("zenctl: does not end");
        }
        return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
      } finally {
        Files.delete(out);
        Files.delete(err);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }
}
