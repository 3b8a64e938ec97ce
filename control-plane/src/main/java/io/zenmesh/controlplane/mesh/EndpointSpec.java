package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.RateLimit;
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
 * @param callers who may call, and how often, beyond what the policy says
 */
public record EndpointSpec(
    EndpointPolicy policy,
    Name clusterTenant,
    Name cluster,
    String host,
    String path,
    List<Name> secrets,
    Name destination,
    Optional<Name> verifyToken,
    Callers callers) {
  /** How many secrets one endpoint may name. */
  public static final int MAX_SECRETS = 8;

  /**
   * What Envoy enforces before the processor is asked.
   *
   * @param clientCa the tenant's secret with the roots that client certificates chain to; present
   *     exactly when the policy asks for one
   * @param rateLimit how many requests each ingress Envoy lets through; empty for any number
   * @param allowFrom the networks that may call; empty for any
   */
  public record Callers(
      Optional<Name> clientCa, Optional<RateLimit> rateLimit, List<Cidr> allowFrom) {
    /** Copies the list. */
    public Callers {
      allowFrom = List.copyOf(allowFrom);
    }
  }

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
