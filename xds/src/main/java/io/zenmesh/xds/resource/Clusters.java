package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import io.envoyproxy.envoy.config.cluster.v3.CircuitBreakers;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.cluster.v3.UpstreamConnectionOptions;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.Http1ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Http2ProtocolOptions;
import io.envoyproxy.envoy.config.core.v3.Pipe;
import io.envoyproxy.envoy.config.core.v3.RoutingPriority;
import io.envoyproxy.envoy.config.core.v3.TcpKeepalive;
import io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment;
import io.envoyproxy.envoy.config.endpoint.v3.Endpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LbEndpoint;
import io.envoyproxy.envoy.config.endpoint.v3.LocalityLbEndpoints;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.AutoHttpConfig;
import io.envoyproxy.envoy.extensions.upstreams.http.v3.HttpProtocolOptions.ExplicitHttpConfig;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.Destination;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode.EgressPeer;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** The clusters that Envoys of the mesh connect to, one method for each kind. */
final class Clusters {
  static final String HTTP_OPTIONS = "envoy.extensions.upstreams.http.v3.HttpProtocolOptions";

  private static final Pattern IPV4 = Pattern.compile("[0-9]{1,3}(\\.[0-9]{1,3}){3}");
  private static final int MAX_SOCKET_PATH = 107;

  private Clusters() {}

  /** The external processor, on a Unix socket that only its Envoy may open. */
  static Cluster processor(String socketPath) {
    return cluster(ResourceNames.EXTPROC_CLUSTER, List.of(pipe(socketPath, 0)))
        .setType(Cluster.DiscoveryType.STATIC)
        .setConnectTimeout(Limits.PROCESSOR_CONNECT)
        .setCircuitBreakers(breakers(64, 10_000, 10_000))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, http2(false))
        .build();
  }

  /** The external processor on another address, by mTLS and only with this identity. */
  static Cluster processor(HostPort address, String spiffeId, IdentityFiles own) {
    return tcp(ResourceNames.EXTPROC_CLUSTER, List.of(address))
        .setConnectTimeout(Limits.PROCESSOR_CONNECT)
        .setTransportSocket(Tls.fileClient(List.of(spiffeId), own))
        .setCircuitBreakers(breakers(64, 10_000, 10_000))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, http2(false))
        .build();
  }

  /** What is behind an Envoy without a mesh: TLS by the system's roots, or none. */
  static Cluster upstream(String name, HostPort address, boolean tls) {
    Cluster.Builder cluster =
        tcp(name, List.of(address)).setCircuitBreakers(breakers(128, 256, 1024));
    if (!tls) {
      return cluster.putTypedExtensionProtocolOptions(HTTP_OPTIONS, http1()).build();
    }
    return cluster
        .setTransportSocket(Tls.targetClient(address.host(), literal(address), Optional.empty()))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, negotiated())
        .build();
  }

  /** The egress Envoys, each by mTLS and only with an identity from the list. */
  static Cluster egress(List<EgressPeer> peers) {
    List<HostPort> addresses =
        peers.stream()
            .map(EgressPeer::address)
            .distinct()
            .sorted(Comparator.comparing(HostPort::toString))
            .toList();
    return tcp(ResourceNames.EGRESS_CLUSTER, addresses)
        .setTransportSocket(Tls.meshClient(peers.stream().map(EgressPeer::spiffeId).toList()))
        .setCircuitBreakers(breakers(1024, 1024, 10_000))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, http2(true))
        .build();
  }

  /** A tenant's target. One that hangs holds up at most its own connections and requests. */
  static Cluster destination(Destination destination) {
    HostPort address = destination.address();
    return tcp(ResourceNames.destinationCluster(destination), List.of(address))
        .setTransportSocket(
            Tls.targetClient(address.host(), literal(address), destination.trustBundle()))
        .setCircuitBreakers(breakers(128, 256, 1024))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, negotiated())
        .build();
  }

  /** The control plane's xDS server. */
  static Cluster xds(HostPort server, String spiffeId) {
    return tcp(ResourceNames.XDS_CLUSTER, List.of(server))
        .setTransportSocket(Tls.meshClient(List.of(spiffeId)))
        .setCircuitBreakers(breakers(4, 16, 16))
        .putTypedExtensionProtocolOptions(HTTP_OPTIONS, http2(false))
        .build();
  }

  static Address pipe(String path, int mode) {
    if (!path.startsWith("/") || path.length() > MAX_SOCKET_PATH) {
      throw new IllegalArgumentException(
          "socket: "
              + path
              + " (expected: an absolute path of at most "
              + MAX_SOCKET_PATH
              + " characters)");
    }
    return Address.newBuilder().setPipe(Pipe.newBuilder().setPath(path).setMode(mode)).build();
  }

  private static Cluster.Builder tcp(String name, List<HostPort> addresses) {
    boolean literal = addresses.stream().allMatch(Clusters::literal);
    Cluster.Builder cluster =
        cluster(name, addresses.stream().map(Listeners::address).toList())
            .setType(literal ? Cluster.DiscoveryType.STATIC : Cluster.DiscoveryType.STRICT_DNS)
            .setConnectTimeout(Limits.CONNECT)
            .setUpstreamConnectionOptions(
                UpstreamConnectionOptions.newBuilder()
                    .setTcpKeepalive(
                        TcpKeepalive.newBuilder()
                            .setKeepaliveProbes(Limits.number(3))
                            .setKeepaliveTime(Limits.number(30))
                            .setKeepaliveInterval(Limits.number(5))));
    if (!literal) {
      cluster.setDnsLookupFamily(Cluster.DnsLookupFamily.V4_PREFERRED);
    }
    return cluster;
  }

  private static Cluster.Builder cluster(String name, List<Address> addresses) {
    LocalityLbEndpoints.Builder endpoints = LocalityLbEndpoints.newBuilder();
    addresses.forEach(address ->
        endpoints.addLbEndpoints(
            LbEndpoint.newBuilder().setEndpoint(Endpoint.newBuilder().setAddress(address))));
    return Cluster.newBuilder()
        .setName(name)
        .setPerConnectionBufferLimitBytes(Limits.number(Limits.EGRESS_BUFFER_BYTES))
        .setLoadAssignment(
            ClusterLoadAssignment.newBuilder().setClusterName(name).addEndpoints(endpoints));
  }

  private static CircuitBreakers breakers(int connections, int pending, int requests) {
    return CircuitBreakers.newBuilder()
        .addThresholds(
            CircuitBreakers.Thresholds.newBuilder()
                .setPriority(RoutingPriority.DEFAULT)
                .setMaxConnections(Limits.number(connections))
                .setMaxPendingRequests(Limits.number(pending))
                .setMaxRequests(Limits.number(requests))
                .setMaxRetries(Limits.number(0)))
        .build();
  }

  private static Any http2(boolean idleTimeout) {
    HttpProtocolOptions.Builder options =
        HttpProtocolOptions.newBuilder()
            .setExplicitHttpConfig(
                ExplicitHttpConfig.newBuilder().setHttp2ProtocolOptions(http2Options()));
    if (idleTimeout) {
      options.setCommonHttpProtocolOptions(idle(Limits.UPSTREAM_IDLE));
    }
    return Any.pack(options.build());
  }

  private static Any http1() {
    return Any.pack(
        HttpProtocolOptions.newBuilder()
            .setCommonHttpProtocolOptions(idle(Limits.UPSTREAM_IDLE))
            .setExplicitHttpConfig(
                ExplicitHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance()))
            .build());
  }

  private static Any negotiated() {
    return Any.pack(
        HttpProtocolOptions.newBuilder()
            .setCommonHttpProtocolOptions(idle(Limits.UPSTREAM_IDLE))
            .setAutoConfig(
                AutoHttpConfig.newBuilder()
                    .setHttpProtocolOptions(Http1ProtocolOptions.getDefaultInstance())
                    .setHttp2ProtocolOptions(http2Options()))
            .build());
  }

  private static Http2ProtocolOptions http2Options() {
    return Http2ProtocolOptions.newBuilder()
        .setInitialStreamWindowSize(Limits.number(Limits.CONNECTION_WINDOW_BYTES))
        .setInitialConnectionWindowSize(Limits.number(4 * Limits.CONNECTION_WINDOW_BYTES))
        .build();
  }

  private static io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions idle(Duration timeout) {
    return io.envoyproxy.envoy.config.core.v3.HttpProtocolOptions.newBuilder()
        .setIdleTimeout(timeout)
        .build();
  }

  private static boolean literal(HostPort address) {
    return address.host().indexOf(':') >= 0 || IPV4.matcher(address.host()).matches();
  }
}
