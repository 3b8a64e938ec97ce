package io.zenmesh.xds.resource;

import com.google.protobuf.BoolValue;
import io.envoyproxy.envoy.config.core.v3.Address;
import io.envoyproxy.envoy.config.core.v3.SocketAddress;
import io.envoyproxy.envoy.config.core.v3.TrafficDirection;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.zenmesh.xds.model.EgressNode;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.IngressNode;

/** The listener of each kind of Envoy: one address, one filter chain, TLS on it. */
final class Listeners {
  private Listeners() {}

  static Listener ingress(IngressNode node) {
    return listener(
        ResourceNames.INGRESS,
        node.listen(),
        Limits.INGRESS_BUFFER_BYTES,
        Tls.publicServer(node.certificateSecret()),
        ConnectionManager.ingress());
  }

  /**
   * @throws IllegalArgumentException when no ingress may connect: Envoy would then accept any
   *     certificate of the mesh
   */
  static Listener egress(EgressNode node) {
    return listener(
        ResourceNames.EGRESS,
        node.listen(),
        Limits.EGRESS_BUFFER_BYTES,
        Tls.meshServer(node.ingressSpiffeIds()),
        ConnectionManager.egress());
  }

  static Address address(HostPort address) {
    return Address.newBuilder()
        .setSocketAddress(
            SocketAddress.newBuilder().setAddress(address.host()).setPortValue(address.port()))
        .build();
  }

  private static Listener listener(
      String name, HostPort listen, int bufferBytes, TransportSocket tls, Filter manager) {
    return Listener.newBuilder()
        .setName(name)
        .setAddress(address(listen))
        .setTrafficDirection(
            name.equals(ResourceNames.INGRESS)
                ? TrafficDirection.INBOUND
                : TrafficDirection.OUTBOUND)
        .setPerConnectionBufferLimitBytes(Limits.number(bufferBytes))
        .setEnableReusePort(BoolValue.of(true))
        .addFilterChains(
            FilterChain.newBuilder()
                .setName(name)
                .setTransportSocket(tls)
                .setTransportSocketConnectTimeout(Limits.HANDSHAKE)
                .addFilters(manager))
        .build();
  }
}
