package io.zenmesh.controlplane;

import io.zenmesh.controlplane.apply.MeshApply;
import io.zenmesh.controlplane.apply.MeshWatch;
import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.publish.StateReader;
import java.io.IOException;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is published before any node can connect: the first thing it is told is the whole state. */
record FirstState(MeshWatch watch, MeshApply apply, StateReader stored) {
  private static final Logger LOG = LoggerFactory.getLogger(FirstState.class);

  /**
   * Publishes the mesh file where it is the desired state or nothing is stored yet, else what is
   * stored.
   *
   * @throws StartException when there is neither
   */
  void publish(boolean fileRules) {
    if (fileRules || stored.read().isEmpty()) {
      fromFile();
    } else {
      var _ = apply.publishStored();
    }
  }

  /** A file that is refused does not take down what was good yesterday. */
  private void fromFile() {
    List<String> problems;
    try {
      switch (watch.first()) {
        case MeshApply.Outcome.Applied applied -> {
          return;
        }
        case MeshApply.Outcome.Rejected(List<MeshProblem> found) ->
            problems = found.stream().map(MeshProblem::toString).toList();
      }
    } catch (IOException e) {
      problems = List.of(String.valueOf(e.getMessage()));
    }
    if (stored.read().isEmpty()) {
      throw StartException.usage(String.join("\n", problems));
    }
    problems.forEach(problem -> LOG.error("{}", problem));
    LOG.error("mesh file refused at start; the stored state is published instead");
    var _ = apply.publishStored();
  }
}
