package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.xds.standalone.StandaloneConfig;
import io.zenmesh.xds.standalone.StandaloneReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;

/** An {@code endpoints.yaml} that a command is told of. */
final class EndpointsFile {
  private EndpointsFile() {}

  /**
   * Reads it; empty after every problem was printed to {@code err}.
   *
   * @throws CliException when there is no such file
   */
  static Optional<StandaloneConfig> read(Path file, PrintWriter err) {
    String text;
    try {
      text = Files.readString(file);
    } catch (IOException e) {
      throw CliException.usage(file + ": cannot be read (expected: a readable file)");
    }
    StandaloneReader.Reading reading =
        StandaloneReader.read(
            text,
            file.toAbsolutePath().resolveSibling(""),
            Catalogue.bundled().schemes().stream().map(Scheme::name).collect(Collectors.toSet()));
    return switch (reading) {
      case StandaloneReader.Reading.Good(StandaloneConfig config) -> Optional.of(config);
      case StandaloneReader.Reading.Bad(var problems) -> {
        problems.forEach(problem -> err.println(file + ":" + problem));
        yield Optional.empty();
      }
    };
  }

  /** What the catalogue does not know is the user's own, and has no nonce of ours. */
  static boolean outcomeNeeded(String scheme) {
    return Catalogue.bundled().find(scheme).map(it -> !it.replay().onePhase()).orElse(true);
  }
}
