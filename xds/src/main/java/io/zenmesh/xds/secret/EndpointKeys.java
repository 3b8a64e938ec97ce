package io.zenmesh.xds.secret;

import io.zenmesh.xds.model.EndpointRef;
import java.util.List;

/** The verification keys of one endpoint; several are live at once during a rotation. */
public final class EndpointKeys {
  private final EndpointRef ref;
  private final List<VerificationKey> keys;

  public EndpointKeys(EndpointRef ref, List<VerificationKey> keys) {
    this.ref = ref;
    this.keys = List.copyOf(keys);
  }

  public EndpointRef ref() {
    return ref;
  }

  public List<VerificationKey> keys() {
    return keys;
  }

  @Override
  public String toString() {
    return "EndpointKeys[" + ref + ", " + keys + "]";
  }
}
