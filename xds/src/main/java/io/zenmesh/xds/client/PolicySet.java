package io.zenmesh.xds.client;

import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.EndpointKeys;
import java.util.Map;

/**
 * Everything a processor is to enforce at one moment. An endpoint may have a policy and no keys, or
 * keys and no policy, while an update is under way.
 *
 * @param policies by endpoint
 * @param keys by endpoint
 */
public record PolicySet(
    Map<EndpointRef, EndpointPolicy> policies, Map<EndpointRef, EndpointKeys> keys) {
  public PolicySet {
    policies = Map.copyOf(policies);
    keys = Map.copyOf(keys);
  }
}
