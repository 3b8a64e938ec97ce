package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.Change;
import io.zenmesh.controlplane.apply.MeshStore;
import io.zenmesh.controlplane.apply.ResourceStore;
import io.zenmesh.controlplane.mesh.Mesh;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Keeps the desired state in PostgreSQL.
 *
 * <p>One transaction visits every tenant twice, each time within that tenant's context only. The
 * first visit writes what is new or changed, the platform's first since tenants refer to its
 * clusters; the second removes what the mesh no longer names, the platform's last. So no foreign
 * key is ever broken between two statements, and other connections see all of it at the commit or
 * nothing.
 */
final class PostgresMeshStore implements MeshStore, ResourceStore {
  /** Any fixed number: two replacements must not run into each other. */
  private static final long LOCK = 0x7a656e6d657368L;

  private static final Comparator<Name> SYSTEM_FIRST =
      Comparator.<Name, Boolean>comparing(name -> !name.equals(Name.SYSTEM))
          .thenComparing(Comparator.naturalOrder());

  private final TenantTx tenants;
  private final FleetRows fleet;
  private final SecretRows.Tools tools;

  PostgresMeshStore(TenantTx tenants, FleetRows fleet, SecretRows.Tools tools) {
    this.tenants = tenants;
    this.fleet = fleet;
    this.tools = tools;
  }

  @Override
  public Stored read() {
    return new Stored(fleet.tenants(), fleet.retentions(), fleet.read());
  }

  @Override
  public List<Change> replace(Mesh desired, Consumer<List<Change>> beforeCommit) {
    return tenants.touring(tour -> {
      tour.lock(LOCK);
      // Only now: what a replacement before us committed is to be seen.
      TreeSet<Name> known = new TreeSet<>(SYSTEM_FIRST);
      known.addAll(fleet.tenants());
      TreeSet<Name> all = new TreeSet<>(SYSTEM_FIRST);
      all.addAll(known);
      all.addAll(desired.tenants());
      List<Change> changes = new ArrayList<>();
      for (Name tenant : all) {
        boolean isNew = !known.contains(tenant);
        tour.visit(
            tenant,
            handle -> {
              new TenantWriter(handle, tenant, desired, tools, changes).write(isNew);
              return true;
            });
      }
      for (Name tenant : all.descendingSet()) {
        boolean stays = desired.tenants().contains(tenant);
        tour.visit(
            tenant,
            handle -> {
              new TenantWriter(handle, tenant, desired, tools, changes).remove(stays);
              return true;
            });
      }
      List<Change> complete = List.copyOf(changes);
      beforeCommit.accept(complete);
      return complete;
    });
  }
}
