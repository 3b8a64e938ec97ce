package io.zenmesh.controlplane.publish;

import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.List;

/** Looks for what must never reach a node. */
public interface SnapshotCheck {
  /** What is wrong, one line each; empty when the snapshot may be published. */
  List<String> findings(NodeSnapshot snapshot);

  /** The same for an ingress Envoy and the processor beside it, and for how they fit together. */
  List<String> findings(NodeSnapshot ingress, NodeSnapshot processor);

  /** Why the node server would not take the snapshot, one line each; empty when it would. */
  List<String> overLimits(NodeSnapshot snapshot);
}
