package io.zenmesh.xds.pki;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What a leaf certificate is to say.
 *
 * @param commonName the subject's CN
 * @param spiffePath the path of its SPIFFE id, with a leading slash; empty for none
 * @param dnsNames DNS SANs
 * @param ipAddresses IP SANs
 * @param lifetime from one minute ago; zero or negative makes an expired one
 */
public record Leaf(
    String commonName,
    Optional<String> spiffePath,
    List<String> dnsNames,
    List<String> ipAddresses,
    Duration lifetime) {
  private static final Duration DEFAULT_LIFETIME = Duration.ofDays(90);

  /** Copies the lists. */
  public Leaf {
    dnsNames = List.copyOf(dnsNames);
    ipAddresses = List.copyOf(ipAddresses);
  }

  /** A process of the mesh, known by its SPIFFE id and reachable on the loopback address. */
  public static Leaf workload(String spiffePath) {
    return new Leaf(
        spiffePath.substring(spiffePath.lastIndexOf('/') + 1),
        Optional.of(spiffePath),
        List.of("localhost"),
        List.of("127.0.0.1"),
        DEFAULT_LIFETIME);
  }

  /** A server known by name. */
  public static Leaf server(String commonName, String... dnsNames) {
    List<String> names = Stream.concat(Stream.of("localhost"), Stream.of(dnsNames)).toList();
    return new Leaf(commonName, Optional.empty(), names, List.of("127.0.0.1"), DEFAULT_LIFETIME);
  }

  /** A client known by its CN, such as a PostgreSQL role. */
  public static Leaf client(String commonName) {
    return new Leaf(commonName, Optional.empty(), List.of(), List.of(), DEFAULT_LIFETIME);
  }

  /** The same, with another lifetime. */
  public Leaf lasting(Duration other) {
    return new Leaf(commonName, spiffePath, dnsNames, ipAddresses, other);
  }
}
