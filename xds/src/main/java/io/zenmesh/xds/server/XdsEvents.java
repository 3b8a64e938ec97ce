package io.zenmesh.xds.server;

import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.ResourceType;

/**
 * Hears what the server decides about its callers. It is called on the server's threads, some of
 * them under a node's lock: it must return at once and never call the server.
 */
public interface XdsEvents {
  /** Hears nothing. */
  XdsEvents NONE =
      new XdsEvents() {
        @Override
        public void refused(String caller, String reason) {}

        @Override
        public void connected(NodeId node) {}

        @Override
        public void disconnected(NodeId node) {}

        @Override
        public void rejected(NodeId node, ResourceType type, String detail) {}
      };

  /**
   * A caller was turned away.
   *
   * @param caller the SPIFFE id it showed, or a word for what it is; never empty
   * @param reason one line that the caller was told too
   */
  void refused(String caller, String reason);

  /** A node is who it says it is, and is served from now on. */
  void connected(NodeId node);

  /** A stream of a node that was served is over. */
  void disconnected(NodeId node);

  /**
   * A node did not take what it was sent.
   *
   * @param detail the node's own words, in one printable line
   */
  void rejected(NodeId node, ResourceType type, String detail);

  /**
   * A processor delivered receipts of tenants that it does not serve; they are not on record.
   *
   * @param what how many, and of whom
   */
  default void foreignReceipts(NodeId node, String what) {}
}
