package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import java.util.List;
import java.util.Optional;

/**
 * A public URL that takes one provider's webhooks.
 *
 * @param policy what is enforced; names tenant and endpoint
 * @param clusterTenant the cluster's owner: the tenant itself or {@code system}
 * @param cluster the cluster that serves it
 * @param host the public host name, lower case, no port
 * @param path the exact path
 * @param secrets the tenant's signing secrets, any of which may have signed; at most {@value
 *     #MAX_SECRETS}
 * @param destination where accepted webhooks go
 * @param verifyToken the signing secret that the provider shows to prove who set it up
 */
public record EndpointSpec(
    EndpointPolicy policy,
    Name clusterTenant,
    Name cluster,
    String host,
    String path,
    List<Name> secrets,
    Name destination,
    Optional<Name> verifyToken) {
  /** How many secrets one endpoint may name. */
  public static final int MAX_SECRETS = 8;

  /** Copies the list. */
  public EndpointSpec {
    secrets = List.copyOf(secrets);
  }

  /** Who owns it. */
  public Name tenant() {
    return policy.ref().tenant();
  }

  /** Its name within the tenant. */
  public Name name() {
    return policy.ref().endpoint();
  }
}
