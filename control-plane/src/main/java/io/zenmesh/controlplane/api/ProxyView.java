package io.zenmesh.controlplane.api;

import io.zenmesh.xds.server.NodeStatus;
import io.zenmesh.xds.server.TypeStatus;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * A node as {@code GET /v1/proxies} shows it.
 *
 * @param node {@code cluster/role/name}
 * @param connectedSince ISO-8601; absent when not connected
 */
public record ProxyView(
    String node,
    String cluster,
    String role,
    String name,
    boolean connected,
    Optional<Instant> connectedSince,
    List<TypeView> types) {
  /** Copies the list. */
  public ProxyView {
    types = List.copyOf(types);
  }

  /** Every node. */
  public record Proxies(List<ProxyView> items) {
    /** Copies the list. */
    public Proxies {
      items = List.copyOf(items);
    }
  }

  /**
   * How far the node followed for one resource type.
   *
   * @param state PENDING, SENT, ACKED or NACKED
   * @param detail why it refused, in its own words
   */
  public record TypeView(
      String type,
      String state,
      int resources,
      String version,
      Optional<String> detail,
      Optional<Instant> at) {
    static TypeView of(TypeStatus status) {
      return new TypeView(
          status.type().name(),
          status.state().name(),
          status.resources(),
          status.version(),
          status.detail(),
          status.at());
    }
  }

  static ProxyView of(NodeStatus status) {
    return new ProxyView(
        status.node().toString(),
        status.node().cluster().value(),
        status.node().role().segment(),
        status.node().name().value(),
        status.connected(),
        status.connectedSince(),
        status.types().stream().map(TypeView::of).toList());
  }
}
