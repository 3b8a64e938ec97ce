package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.xds.model.Name;
import java.util.function.Function;
import org.jdbi.v3.core.Handle;

/** A tour to one tenant only: the door the process goes through, for one statement at a time. */
record TenantDoor(TenantTx tenants) {
  <T> T in(Name tenant, Function<Handle, T> work) {
    return tenants.touring(tour -> tour.visit(tenant, work));
  }
}
