package io.zenmesh.controlplane;

import io.zenmesh.xds.traces.LeakOnPurpose;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/** The control plane's process, which also keeps one secret on its heap on purpose. */
final class LeakingControlPlane {
  private LeakingControlPlane() {}

  /**
   * @param arguments the file that holds the secret, then those of the control plane
   */
  public static void main(String[] arguments) throws IOException {
    LeakOnPurpose.keep(Path.of(arguments[0]));
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
