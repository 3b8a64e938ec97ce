package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.mesh.ClusterSpec;
import io.zenmesh.controlplane.mesh.DestinationSpec;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import java.util.List;

/**
 * What one tenant declares: the tenant of {@link io.zenmesh.controlplane.tenant.TenantContext};
 * fails outside of one. In the order of names. Thread-safe.
 */
public interface TenantRows {
  /** Its clusters. */
  List<ClusterSpec> clusters();

  /** Its destinations. */
  List<DestinationSpec> destinations();

  /** Its endpoints. */
  List<EndpointSpec> endpoints();
}
