package io.zenmesh.extproc.pipeline;

import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import java.util.Optional;

/**
 * The client's certificate as Envoy reports it, which has checked its chain.
 *
 * @param shown whether there was one
 * @param uri its first URI name
 * @param dns its first DNS name
 */
public record ClientCertificate(boolean shown, Optional<String> uri, Optional<String> dns) {
  /** No certificate; also what is not reported reads so. */
  public static final ClientCertificate NONE =
      new ClientCertificate(false, Optional.empty(), Optional.empty());

  /** Whether it is what an endpoint asks for. Envoy refuses the rest as well; both must agree. */
  boolean satisfies(ClientRequirement required) {
    if (!required.asked()) {
      return true;
    }
    if (!shown) {
      return required.mtls() == Mtls.OPTIONAL;
    }
    return !required.named()
        || uri.filter(required.spiffeIds()::contains).isPresent()
        || dns.filter(required.sans()::contains).isPresent();
  }
}
