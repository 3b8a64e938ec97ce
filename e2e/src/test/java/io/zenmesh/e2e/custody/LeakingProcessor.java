package io.zenmesh.e2e.custody;

import io.zenmesh.extproc.Main;
import io.zenmesh.xds.traces.LeakOnPurpose;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The processor's process, which also keeps one secret on its heap on purpose. */
final class LeakingProcessor {
  private LeakingProcessor() {}

  /**
   * @param arguments the file that holds the secret, then those of the processor
   */
  public static void main(String[] arguments) throws IOException {
    LeakOnPurpose.keep(Path.of(arguments[0]));
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
