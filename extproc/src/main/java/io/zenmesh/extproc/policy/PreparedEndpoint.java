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
 * @param challenges what it knows for its provider's questions
 */
public record PreparedEndpoint(
    EndpointPolicy policy,
    SchemeVerifier verifier,
    boolean hasKeys,
    ReplayRule replay,
    EndpointChallenges challenges) {
  private static final String OWN = "own";

  public EndpointRef ref() {
    return policy.ref();
  }

  /** The scheme's name, for metrics and logs: {@code own} for whatever a tenant wrote itself. */
  public String scheme() {
    return policy.settings().definition().isPresent() ? OWN : policy.scheme();
  }

  @Override
  public String toString() {
    return "PreparedEndpoint[" + ref() + ", " + scheme() + "]";
  }
}
