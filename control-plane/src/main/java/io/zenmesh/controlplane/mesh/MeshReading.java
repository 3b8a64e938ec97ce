package io.zenmesh.controlplane.mesh;

import java.util.List;

/** What reading a mesh file gave. */
public sealed interface MeshReading {
  /** A consistent mesh, the reader's to close. */
  record Good(Mesh mesh) implements MeshReading {}

  /**
   * Nothing to go by.
   *
   * @param problems all of them, by line; never empty
   */
  record Bad(List<MeshProblem> problems) implements MeshReading {
    /** Copies the list. */
    public Bad {
      problems = List.copyOf(problems);
    }
  }
}
