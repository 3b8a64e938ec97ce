package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.verify.WitnessKey;
import io.zenmesh.controlplane.witness.WitnessClient;
import io.zenmesh.xds.identity.SpiffeId;
import java.net.URI;
import java.net.URISyntaxException;
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
  private Optional<String> server = Optional.empty();

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

  /**
   * Empty when none is named.
   *
   * @throws StartException of wrong usage, naming the option
   */
  Optional<WitnessPlace> place() {
    if (server.isPresent() != key.isPresent()) {
      throw StartException.usage("--witness, --witness-key: one alone (expected: both or none)");
    }
    if (server.isEmpty() && id.isPresent()) {
      throw StartException.usage("--witness-id: without --witness (expected: with it)");
    }
    return server.flatMap(at -> key.map(by -> place(at, by)));
  }

  private WitnessPlace place(String at, String by) {
    URI url = url(at);
    return new WitnessPlace(url, "https".equals(url.getScheme()) ? known() : unknown(), key(by));
  }

  private static URI url(String at) {
    try {
      URI url = new URI(at);
      if (WitnessClient.fits(url)) {
        return url;
      }
    } catch (URISyntaxException e) {
      // as any other that does not fit
    }
    throw StartException.usage("--witness: " + at + " (expected: " + WitnessClient.FORM + ")");
  }

  private Optional<SpiffeId> known() {
    Optional<SpiffeId> found = id.flatMap(SpiffeId::parse);
    if (found.isEmpty()) {
      throw StartException.usage(
          "--witness-id: " + id.orElse("missing") + " (expected: a SPIFFE id, with https)");
    }
    return found;
  }

  private Optional<SpiffeId> unknown() {
    id.ifPresent(it -> {
      throw StartException.usage("--witness-id: " + it + " (expected: none without https)");
    });
    return Optional.empty();
  }

  private static WitnessKey key(String by) {
    try {
      return WitnessKey.parse(by);
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--witness-key: " + e.getMessage());
    }
  }
}
