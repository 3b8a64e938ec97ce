package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.NodeServer;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.server.AcceptedResource;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The xDS server in the publisher's terms. */
final class XdsNodeServer implements NodeServer {
  private final XdsServer server;

  XdsNodeServer(XdsServer server) {
    this.server = server;
  }

  @Override
  public void publish(NodeId node, NodeSnapshot snapshot) {
    server.publish(node, snapshot);
  }

  @Override
  public void publishDefault(NodeSnapshot snapshot) {
    server.publishDefault(snapshot);
  }

  @Override
  public CompletableFuture<Boolean> whenAcked(
      NodeId node, Set<ResourceType> types, Duration timeout) {
    return server.whenAcked(node, types, timeout);
  }

  @Override
  public Map<String, AcceptedResource> accepted(NodeId node, ResourceType type) {
    return server.accepted(node, type);
  }
}
