package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.audit.Retention;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.controlplane.publish.StoredState;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** The desired state, to be changed piece by piece. */
public interface ResourceStore {
  /** All of it, as it is stored. */
  Stored read();

  /**
   * Makes the stored state equal to {@code desired}, but for secrets, which stay as they are.
   *
   * @param beforeCommit is told what changes; nothing is kept when it throws
   * @return what changed
   * @throws StoreException when the store cannot be reached or refuses; nothing has changed then
   */
  List<Change> replace(Mesh desired, Consumer<List<Change>> beforeCommit);

  /**
   * What is stored.
   *
   * @param tenants all of them, {@code system} among them
   * @param retentions for how long audit entries stay, of the tenants that state it
   */
  record Stored(List<Name> tenants, Map<Name, Retention> retentions, StoredState state) {
    /** Copies list and map. */
    public Stored {
      tenants = List.copyOf(tenants);
      retentions = Map.copyOf(retentions);
    }
  }
}
