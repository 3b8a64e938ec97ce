package io.zenmesh.xds.secret;

import io.zenmesh.xds.model.EndpointRef;
import java.util.List;
import java.util.Optional;

/** The verification keys of one endpoint; several are live at once during a rotation. */
public final class EndpointKeys {
  private final EndpointRef ref;
  private final List<VerificationKey> keys;
  private final Optional<SecretBytes> verifyToken;

  /** Without a verify token. */
  public EndpointKeys(EndpointRef ref, List<VerificationKey> keys) {
    this(ref, keys, Optional.empty());
  }

  /**
   * @param verifyToken what the provider sends to prove that the endpoint's owner set it up
   */
  public EndpointKeys(
      EndpointRef ref, List<VerificationKey> keys, Optional<SecretBytes> verifyToken) {
    this.ref = ref;
    this.keys = List.copyOf(keys);
    this.verifyToken = verifyToken;
  }

  public EndpointRef ref() {
    return ref;
  }

  public List<VerificationKey> keys() {
    return keys;
  }

  /** What the provider sends to prove that the endpoint's owner set it up. */
  public Optional<SecretBytes> verifyToken() {
    return verifyToken;
  }

  @Override
  public String toString() {
    return "EndpointKeys[" + ref + ", " + keys + "]";
  }
}
