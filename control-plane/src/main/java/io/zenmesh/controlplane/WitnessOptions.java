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
      required = true,
      paramLabel = "URL",
      description =
          "The witness that cosigns checkpoints: https://HOST:PORT, or http:// and a loopback"
              + " address.")
  private URI server;

  @Option(
      names = "--witness-key",
      required = true,
      paramLabel = "KEY",
      description = "Its public key, as it prints it.")
  private String key;

  @Option(
      names = "--witness-id",
      paramLabel = "SPIFFE-ID",
      description = "Who it is in TLS, under the roots of --identity; needed with https.")
  private Optional<String> id = Optional.empty();

  WitnessPlace place() {
    Optional<SpiffeId> known = id.flatMap(SpiffeId::parse);
    boolean tls = "https".equals(server.getScheme());
    if (tls != known.isPresent()) {
      throw StartException.usage(
          "--witness-id: missing, malformed or without https (expected: a SPIFFE id with https)");
    }
    try {
      return new WitnessPlace(server, known, WitnessKey.parse(key));
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--witness-key: " + e.getMessage());
    }
  }
}
