package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.FilterChainMatch;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.listener.v3.ListenerFilter;
import io.envoyproxy.envoy.extensions.filters.listener.tls_inspector.v3.TlsInspector;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;
import java.util.List;

/**
 * The listener of each kind of Envoy: one address, TLS on it.
 *
 * <p>Ingress has one filter chain for all hosts that ask for no client certificate, and one for
 * each host that does. A chain serves its own hosts only, so a certificate shown to one host counts
 * on no other.
 */
final class Listeners {
  private Listeners() {}

  static Listener ingress(IngressNode node, List<ClientHost> clientHosts) {
    Listener.Builder listener =
        listener(ResourceNames.INGRESS, node.listen(), Limits.INGRESS_BUFFER_BYTES)
            // There from the start: adding it with the first client host would drain every other.
            .addListenerFilters(
                ListenerFilter.newBuilder()
                    .setName("envoy.filters.listener.tls_inspector")
                    .setTypedConfig(Any.pack(TlsInspector.getDefaultInstance())))
            .setListenerFiltersTimeout(Limits.HANDSHAKE)
            .addFilterChains(
                chain(
                    ResourceNames.INGRESS,
                    Tls.publicServer(node.certificateSecret()),
                    ConnectionManager.ingress()));
    for (ClientHost host : clientHosts) {
      listener.addFilterChains(
          chain(
                  ResourceNames.clientHost(host.host()),
                  Tls.clientServer(node.certificateSecret(), host.clientCa(), host.required()),
                  ConnectionManager.clientHost(host.host()))
              .setFilterChainMatch(FilterChainMatch.newBuilder().addServerNames(host.host())));
    }
    return listener.build();
  }

  /**
   * @throws IllegalArgumentException when no ingress may connect: Envoy would then accept any
   *     certificate of the mesh
   */
  static Listener egress(EgressNode node) {
    return listener(ResourceNames.EGRESS, node.listen(), Limits.EGRESS_BUFFER_BYTES)
        .addFilterChains(
            chain(
                ResourceNames.EGRESS,
                Tls.meshServer(node.ingressSpiffeIds()),
                ConnectionManager.egress()))
        .build();
  }

  static Address address(HostPort address) {
    return Address.newBuilder()
        .setSocketAddress(
            SocketAddress.newBuilder().setAddress(address.host()).setPortValue(address.port()))
        .build();
  }

  private static Listener.Builder listener(String name, HostPort listen, int bufferBytes) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address(listen))
        .setTrafficDirection(
            name.equals(ResourceNames.INGRESS)
                ? TrafficDirection.INBOUND
                : TrafficDirection.OUTBOUND)
        .setPerConnectionBufferLimitBytes(Limits.number(bufferBytes))
        .setEnableReusePort(BoolValue.of(true));
  }

  private static FilterChain.Builder chain(String name, TransportSocket tls, Filter manager) {
    return FilterChain.newBuilder()
        .setName(name)
        .setTransportSocket(tls)
        .setTransportSocketConnectTimeout(Limits.HANDSHAKE)
        .addFilters(manager);
  }
}
