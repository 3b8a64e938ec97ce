package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.SnapshotCheck;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.lint.Finding;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.List;

/** The snapshot linter in the publisher's terms. */
final class LinterCheck implements SnapshotCheck {
  private final Catalogue catalogue;

  LinterCheck(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  @Override
  public List<String> findings(NodeSnapshot snapshot) {
    return lines(SnapshotLinter.lint(snapshot));
  }

  @Override
  public List<String> findings(NodeSnapshot ingress, NodeSnapshot processor) {
    return lines(SnapshotLinter.lint(ingress, processor, this::needsOutcome));
  }

  /** A claim of two phases is committed or released by the response. */
  private boolean needsOutcome(String scheme) {
    return catalogue.find(scheme).map(found -> !found.replay().onePhase()).orElse(true);
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
