package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.verify.WitnessKey;
import io.zenmesh.xds.identity.SpiffeId;
import java.net.URI;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that name a witness. */
final class WitnessOptions {
  @Option(
      names = "--witness",
      paramLabel = "URL",
      description =
          "The witness that cosigns checkpoints: https://HOST:PORT, or http:// and a loopback"
              + " address.")
  private Optional<URI> server = Optional.empty();

  @Option(
      names = "--witness-key",
      paramLabel = "KEY",
      description = "Its public key, as it prints it.")
  private Optional<String> key = Optional.empty();

  @Option(
      names = "--witness-id",
      paramLabel = "SPIFFE-ID",
      description = "Who it is in TLS, under the roots of --identity; needed with https.")
  private Optional<String> id = Optional.empty();

  /** Empty when none is named. */
  Optional<WitnessPlace> place() {
    if (server.isPresent() != key.isPresent() || server.isEmpty() && id.isPresent()) {
      throw StartException.usage("--witness, --witness-key: one alone (expected: both or none)");
    }
    return server.flatMap(at -> key.map(by -> place(at, by)));
  }

  private WitnessPlace place(URI at, String by) {
    Optional<SpiffeId> known = id.flatMap(SpiffeId::parse);
    if ("https".equals(at.getScheme()) != known.isPresent()) {
      throw StartException.usage(
          "--witness-id: missing, malformed or without https (expected: a SPIFFE id with https)");
    }
    try {
      return new WitnessPlace(at, known, WitnessKey.parse(by));
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--witness-key: " + e.getMessage());
    }
  }
}
