package io.zenmesh.controlplane.store.postgres;

import io.zenmesh.controlplane.apply.TenantRows;
import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import java.util.List;

/** Reads what one tenant declares, through the door that shows nothing else. */
final class PostgresTenantRows implements TenantRows {
  private final TenantTx tenants;

  PostgresTenantRows(TenantTx tenants) {
    this.tenants = tenants;
  }

  @Override
  public List<ClusterSpec> clusters() {
    return tenants.here(VisibleRows::clusters);
  }

  @Override
  public List<DestinationSpec> destinations() {
    return tenants.here(VisibleRows::destinations);
  }

  @Override
  public List<EndpointSpec> endpoints() {
    return tenants.here(VisibleRows::endpoints);
  }
}
