package io.zenmesh.controlplane;

import io.zenmesh.controlplane.publish.SnapshotCheck;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.xds.lint.Finding;
import io.zenmesh.xds.lint.SnapshotLinter;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.server.XdsServer;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import java.util.List;

/** The snapshot linter in the publisher's terms. */
final class LinterCheck implements SnapshotCheck {
  private final OwnSchemes schemes;

  LinterCheck(Catalogue catalogue) {
    this.schemes = new OwnSchemes(catalogue);
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
  private boolean needsOutcome(EndpointPolicy policy) {
    return schemes
        .find(policy.scheme(), policy.settings().definition())
        .map(found -> !found.replay().onePhase())
        .orElse(true);
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
