package io.zenmesh.controlplane.api;

import io.javalin.http.Context;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.Date;
import java.util.Optional;

/**
 * Reads the identity a client certificate proves.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The caller showed a certificate that chains to the mesh's bundle (the TLS context proved it),
 * that is valid now (a kept connection outlives a handshake), and whose one URI name is a SPIFFE id
 * of the mesh's trust domain. Operators are {@code spiffe://<trust domain>/operator/<name>}. A
 * node's certificate, good as it is for xDS, opens nothing here.
 */
final class ClientCertificate {
  private static final String ATTRIBUTE = "jakarta.servlet.request.X509Certificate";
  private static final String OPERATOR = "/operator/";

  private final String trustDomain;
  private final InstantSource clock;

  ClientCertificate(String trustDomain, InstantSource clock) {
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /** The SPIFFE id it proves; empty without a certificate and for one that proves none. */
  Optional<SpiffeId> of(Context request) {
    if (!(request.req().getAttribute(ATTRIBUTE) instanceof X509Certificate[] chain)
        || chain.length == 0
        || !validNow(chain[0])) {
      return Optional.empty();
    }
    return SpiffeId.ofLeaf(chain[0]).filter(id -> id.trustDomain().equals(trustDomain));
  }

  /** The operator of that id; empty for any other id. */
  static Optional<Name> operator(SpiffeId id) {
    return Optional.of(id.path())
        .filter(path -> path.startsWith(OPERATOR))
        .map(path -> path.substring(OPERATOR.length()))
        .filter(Name::isValid)
        .map(Name::new);
  }

  private boolean validNow(X509Certificate leaf) {
    try {
      leaf.checkValidity(Date.from(clock.instant()));
      return true;
    } catch (CertificateExpiredException | CertificateNotYetValidException e) {
      return false;
    }
  }
}
