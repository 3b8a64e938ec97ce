package io.zenmesh.extproc.policy;

import io.zenmesh.extproc.signature.ReplayRule;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;

/**
 * One endpoint with everything a request needs, made once per policy set. Immutable, thread-safe.
 *
 * @param policy what the control plane says
 * @param verifier its scheme with its keys
 * @param hasKeys whether there is any key at all; without one every request is refused
 * @param replay how the endpoint recognises a message it has seen
 */
public record PreparedEndpoint(
    EndpointPolicy policy, SchemeVerifier verifier, boolean hasKeys, ReplayRule replay) {
  public EndpointRef ref() {
    return policy.ref();
  }

  /** The scheme's name, for metrics and logs. */
  public String scheme() {
    return policy.scheme();
  }

  @Override
  public String toString() {
    return "PreparedEndpoint[" + ref() + ", " + scheme() + "]";
  }
}
