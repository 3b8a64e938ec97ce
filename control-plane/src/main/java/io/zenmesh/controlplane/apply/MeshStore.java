package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.mesh.Mesh;
import java.util.List;
import java.util.function.Consumer;

/** Where the desired state is kept. */
public interface MeshStore {
  /**
   * Makes the stored state equal to {@code desired}: what it does not name is removed. All of it is
   * visible at once or none; two calls at a time run one after the other.
   *
   * @param beforeCommit is told what changes; nothing is kept when it throws
   * @return what changed; empty when the stored state was equal already
   * @throws StoreException when the store cannot be reached or refuses; nothing has changed then
   */
  List<Change> replace(Mesh desired, Consumer<List<Change>> beforeCommit);
}
