package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.SnapshotCheck;
import io.zenmesh.xds.lint.Finding;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.List;

/** The snapshot linter in the publisher's terms. */
final class LinterCheck implements SnapshotCheck {
  @Override
  public List<String> findings(NodeSnapshot snapshot) {
    return lines(SnapshotLinter.lint(snapshot));
  }

  @Override
  public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
    return lines(SnapshotLinter.lint(ingress, processor));
  }

  @Override
  public List<String> overLimits(NodeSnapshot snapshot) {
    return XdsServer.overLimits(snapshot);
  }

  private static List<String> lines(List<Finding> findings) {
    return findings.stream()
        .map(it -> it.resource() + ": " + it.path() + ": " + it.problem())
        .toList();
  }
}
