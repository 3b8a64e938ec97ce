package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Whether a Docker daemon answers.
 *
 * @param problem why none does; empty when one does
 */
record DockerDaemon(Optional<String> problem) {
  private static final String HOST = "DOCKER_HOST";
  private static final String UNIX = "unix://";
  private static final String USUAL = "unix:///var/run/docker.sock";
  private static final int OK = 200;

  /**
   * Looks at the socket file first: asking what is not there takes Testcontainers half a minute.
   */
  static DockerDaemon look(Map<String, String> environment) {
    String host = Optional.ofNullable(environment.get(HOST)).orElse(USUAL);
    if (!host.startsWith(UNIX)) {
      return absent(HOST + ": " + host + " (expected: unix://PATH)");
    }
    Path socket = Path.of(host.substring(UNIX.length()));
    if (!Files.exists(socket)) {
      return absent("no Docker daemon: no " + socket);
    }
    try {
      int status = UnixHttp.get(socket, "/_ping").status();
      return status == OK
          ? new DockerDaemon(Optional.empty())
          : absent("no Docker daemon: " + socket + " answers " + status);
    } catch (IOException | NumberFormatException e) {
      return absent("no Docker daemon: " + socket + " does not answer");
    }
  }

  boolean answers() {
    return problem.isEmpty();
  }

  private static DockerDaemon absent(String problem) {
    return new DockerDaemon(Optional.of(problem));
  }
}
