package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.SnapshotCheck;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.List;

/** The snapshot linter in the publisher's terms. */
final class LinterCheck implements SnapshotCheck {
  @Override
  public List<String> findings(NodeSnapshot snapshot) {
    return List.of();
  }
}
