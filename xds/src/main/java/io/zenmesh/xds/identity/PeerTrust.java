package io.zenmesh.xds.identity;

import java.io.IOException;
import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * Decides whether a TLS peer is one of ours: PKIX chain to the bundle, key usage, not a CA, and for
 * servers the one expected SPIFFE id. Host names never count.
 *
 * <p>Extended on purpose: the JDK wraps plain trust managers with a host name check, which no SVID
 * would pass.
 */
final class PeerTrust extends X509ExtendedTrustManager {
  private final X509TrustManager chains;
  private final Optional<SpiffeId> server;

  private PeerTrust(X509TrustManager chains, Optional<SpiffeId> server) {
    this.chains = chains;
    this.server = server;
  }

  /** Trusts clients that chain to {@code roots}; who they are is for the caller to decide. */
  static PeerTrust ofClients(Collection<X509Certificate> roots) throws GeneralSecurityException {
    return new PeerTrust(pkix(roots), Optional.empty());
  }

  /** Trusts the one server that chains to {@code roots} and is {@code id}. */
  static PeerTrust ofServer(Collection<X509Certificate> roots, SpiffeId id)
      throws GeneralSecurityException {
    return new PeerTrust(pkix(roots), Optional.of(id));
  }

  private static X509TrustManager pkix(Collection<X509Certificate> roots)
      throws GeneralSecurityException {
    KeyStore anchors = KeyStore.getInstance(KeyStore.getDefaultType());
    try {
      anchors.load(null, null);
    } catch (IOException e) {
      throw new GeneralSecurityException("an empty key store cannot be made", e);
    }
    int index = 0;
    for (X509Certificate root : roots) {
      anchors.setCertificateEntry("root-" + index++, root);
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
    factory.init(anchors);
    for (TrustManager manager : factory.getTrustManagers()) {
      if (manager instanceof X509TrustManager found) {
        return found;
      }
    }
    throw new GeneralSecurityException("the JDK has no PKIX trust manager");
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    if (server.isPresent()) {
      throw new CertificateException("peer: a client (expected: " + server.get() + ")");
    }
    chains.checkClientTrusted(chain, authType);
    requireEndEntity(chain[0]);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType)
      throws CertificateException {
    SpiffeId expected =
        server.orElseThrow(() -> new CertificateException("peer: a server (expected: a client)"));
    chains.checkServerTrusted(chain, authType);
    requireEndEntity(chain[0]);
    if (!SpiffeId.ofLeaf(chain[0]).equals(Optional.of(expected))) {
      throw new CertificateException(
          "peer: "
              + SpiffeId.ofLeaf(chain[0]).map(SpiffeId::toString).orElse("no single SPIFFE id")
              + " (expected: "
              + expected
              + ")");
    }
  }

  private static void requireEndEntity(X509Certificate leaf) throws CertificateException {
    if (leaf.getBasicConstraints() >= 0) {
      throw new CertificateException("peer: a CA certificate (expected: an end-entity one)");
    }
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkClientTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkClientTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, Socket socket)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public void checkServerTrusted(X509Certificate[] chain, String authType, SSLEngine engine)
      throws CertificateException {
    checkServerTrusted(chain, authType);
  }

  @Override
  public X509Certificate[] getAcceptedIssuers() {
    return chains.getAcceptedIssuers();
  }
}
