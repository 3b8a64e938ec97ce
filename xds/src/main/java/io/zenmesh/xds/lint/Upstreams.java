package io.zenmesh.xds.lint;

import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The clusters that verified requests go to, and whether another cluster leads to the same servers.
 *
 * <p>Of a cluster that is not one of them it is known to lead elsewhere only when it says where it
 * leads ({@code STATIC}, {@code STRICT_DNS}, {@code LOGICAL_DNS}, {@code EDS}) and no address and
 * no name of an EDS service is one of theirs, or when it is an aggregate of such. Two names of one
 * server are not recognised, but two spellings of an address are.
 */
final class Upstreams {
  private static final String AGGREGATE = "envoy.extensions.clusters.aggregate.v3.ClusterConfig";
  private static final String DNS = "envoy.extensions.clusters.dns.v3.DnsCluster";
  private static final Set<String> PLAIN =
      Set.of("", "STATIC", "STRICT_DNS", "LOGICAL_DNS", "EDS", "0", "1", "2", "3");
  private static final Set<String> EDS = Set.of("EDS", "3");

  private final EnvoyFile file;
  private final Set<String> names = new HashSet<>();
  private final Map<String, String> ownerOfAddress = new HashMap<>();

  /**
   * @param guarded the clusters that routes behind the gate name
   */
  Upstreams(EnvoyFile file, Set<String> guarded) {
    this.file = file;
    guarded.forEach(this::add);
  }

  private void add(String name) {
    Place cluster = file.clusters().get(name);
    if (names.add(name) && cluster != null) {
      addresses(cluster).forEach(address -> ownerOfAddress.putIfAbsent(address, name));
      members(cluster).forEach(this::add);
    }
  }

  /** Every cluster by which a server of theirs is named, members of aggregates included. */
  Set<String> names() {
    return Set.copyOf(names);
  }

  /**
   * What a request that goes to a cluster gets around, if it may; empty when it leads elsewhere.
   */
  Optional<String> around(String cluster) {
    return around(cluster, new HashSet<>());
  }

  private Optional<String> around(String name, Set<String> seen) {
    if (!seen.add(name)) {
      return Optional.empty();
    }
    if (names.contains(name)) {
      return Optional.of("a way to " + name + " that does not ask the processor (expected: none)");
    }
    Place cluster = file.clusters().get(name);
    if (cluster == null) {
      return Optional.of(
          "a way to " + name + ", a cluster that is not in this file (expected: all of them)");
    }
    if (isAggregate(cluster)) {
      return members(cluster).stream()
          .flatMap(member -> around(member, seen).stream())
          .findFirst()
          .map(found -> "through the aggregate " + name + " " + found);
    }
    if (!isPlain(cluster)) {
      return Optional.of(
          "a way through "
              + name
              + " to any address, around the processor (expected: a cluster of type STATIC,"
              + " STRICT_DNS, LOGICAL_DNS or EDS)");
    }
    return addresses(cluster).stream()
        .filter(ownerOfAddress::containsKey)
        .findFirst()
        .map(address ->
            "a way to "
                + address
                + ", which is "
                + ownerOfAddress.get(address)
                + ", that does not ask the processor (expected: none)");
  }

  private static boolean isAggregate(Place cluster) {
    return custom(cluster).filter(AGGREGATE::equals).isPresent();
  }

  private static Optional<String> custom(Place cluster) {
    return cluster
        .get("cluster_type")
        .map(type -> type.get("typed_config").map(Place::type).orElse(""));
  }

  private static boolean isPlain(Place cluster) {
    return custom(cluster)
        .map(DNS::equals)
        .orElseGet(() -> PLAIN.contains(cluster.text("type").toUpperCase(Locale.ROOT)));
  }

  private static List<String> members(Place cluster) {
    return isAggregate(cluster)
        ? cluster.get("cluster_type", "typed_config").map(Place::typed).stream()
            .flatMap(config -> config.items("clusters").stream())
            .flatMap(member -> member.text().stream())
            .toList()
        : List.of();
  }

  private static List<String> addresses(Place cluster) {
    List<String> found = new ArrayList<>();
    if (EDS.contains(cluster.text("type").toUpperCase(Locale.ROOT))) {
      String service =
          cluster.get("eds_cluster_config").map(eds -> eds.text("service_name")).orElse("");
      found.add("EDS service " + (service.isEmpty() ? cluster.text("name") : service));
    }
    for (Place assignment : cluster.get("load_assignment").stream().toList()) {
      for (Place locality : assignment.items("endpoints")) {
        for (Place endpoint : locality.items("lb_endpoints")) {
          endpoint
              .get("endpoint")
              .ifPresent(it -> {
                it.get("address").ifPresent(address -> found.add(address(address)));
                it.items("additional_addresses")
                    .forEach(more ->
                        more.get("address").ifPresent(address -> found.add(address(address))));
              });
        }
      }
    }
    return found;
  }

  /** One spelling of each address; who connects to no address in particular reaches itself. */
  private static String server(String name) {
    try {
      InetAddress address = InetAddress.ofLiteral(name);
      return address.isAnyLocalAddress()
          ? (address instanceof Inet4Address ? "127.0.0.1" : "::1")
          : address.getHostAddress();
    } catch (IllegalArgumentException aName) {
      return name.endsWith(".") ? name.substring(0, name.length() - 1) : name;
    }
  }

  private static String address(Place address) {
    return address
        .get("socket_address")
        .map(tcp ->
            server(tcp.text("address").toLowerCase(Locale.ROOT))
                + ":"
                + tcp.text("port_value")
                + tcp.text("named_port"))
        .orElseGet(() ->
            address
                .get("pipe")
                .map(pipe -> pipe.text("path"))
                .orElseGet(() -> address.value().toString()));
  }
}
