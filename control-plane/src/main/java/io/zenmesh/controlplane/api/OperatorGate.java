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
 * Lets operators in and nobody else.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The caller showed a certificate that chains to the mesh's bundle (the TLS context proved it),
 * that is valid now (a kept connection outlives a handshake), and whose one URI name is {@code
 * spiffe://<trust domain>/operator/<name>}. A node's certificate, good as it is for xDS, opens
 * nothing here.
 */
final class OperatorGate {
  private static final String ATTRIBUTE = "jakarta.servlet.request.X509Certificate";
  private static final String PREFIX = "/operator/";

  private final String trustDomain;
  private final InstantSource clock;

  OperatorGate(String trustDomain, InstantSource clock) {
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  /** The operator's name; empty for anyone else. */
  Optional<Name> operator(Context request) {
    if (!(request.req().getAttribute(ATTRIBUTE) instanceof X509Certificate[] chain)
        || chain.length == 0
        || !validNow(chain[0])) {
      return Optional.empty();
    }
    return SpiffeId.ofLeaf(chain[0])
        .filter(id -> id.trustDomain().equals(trustDomain))
        .map(SpiffeId::path)
        .filter(path -> path.startsWith(PREFIX))
        .map(path -> path.substring(PREFIX.length()))
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
