package io.zenmesh.xds.standalone;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The content of an {@code endpoints.yaml}, checked by itself: what its files hold is not read yet.
 *
 * @param listen where Envoy finds the processor
 * @param replay what remembers accepted messages
 * @param admin health and metrics; empty for none
 * @param endpoints at least one, each name once
 */
public record StandaloneConfig(
    Listen listen, Replay replay, Optional<Admin> admin, List<StandaloneEndpoint> endpoints) {
  /** Copies the list. */
  public StandaloneConfig {
    endpoints = List.copyOf(endpoints);
  }

  /** Where Envoy finds the processor. */
  public sealed interface Listen {
    /**
     * A Unix socket; the file's mode lets Envoy in.
     *
     * @param path absolute
     */
    record Socket(Path path) implements Listen {}

    /**
     * TCP, TLS 1.3 with client certificates.
     *
     * @param address an IP address and port
     * @param identity shown to Envoy, with the roots Envoy's own must chain to
     * @param clients who may connect; at least one name
     */
    record Tls(HostPort address, IdentityFiles identity, Clients clients) implements Listen {}
  }

  /**
   * The names of which a client certificate must carry one.
   *
   * @param spiffeIds exact URI names
   * @param sans exact DNS names
   */
  public record Clients(List<SpiffeId> spiffeIds, List<String> sans) {
    /** Copies the lists. */
    public Clients {
      spiffeIds = List.copyOf(spiffeIds);
      sans = List.copyOf(sans);
    }
  }

  /** What remembers accepted messages. */
  public sealed interface Replay {
    /**
     * A Redis over TLS, shared by every processor that uses it.
     *
     * @param passwordFile holds the password; one trailing newline is dropped
     * @param identity shown to Redis, with the roots its own must chain to
     */
    record Redis(HostPort address, String user, Path passwordFile, IdentityFiles identity)
        implements Replay {}

    /** This process's memory: for a single processor, empty after each start. */
    record Memory() implements Replay {}
  }

  /**
   * Health and metrics for operators.
   *
   * @param identity makes it HTTPS; empty for plain HTTP, on a loopback address only
   */
  public record Admin(HostPort address, Optional<IdentityFiles> identity) {}
}
