package io.zenmesh.e2e.check;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What the check's clients trust: one root, and no certificate of their own. Thread-safe. */
public final class ClientTls {
  private final TrustManagerFactory trust;
  private final SSLContext context;

  private ClientTls(TrustManagerFactory trust, SSLContext context) {
    this.trust = trust;
    this.context = context;
  }

  /**
   * Trusts the certificates of one PEM file.
   *
   * @throws IOException when the file cannot be read or holds no certificate
   */
  public static ClientTls trusting(Path rootPem) throws IOException {
    try (InputStream in = Files.newInputStream(rootPem)) {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      int count = 0;
      for (Certificate root : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        store.setCertificateEntry("root-" + count++, root);
      }
      if (count == 0) {
        throw new IOException(rootPem + ": no certificate (expected: PEM)");
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(store);
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, trust.getTrustManagers(), null);
      return new ClientTls(trust, context);
    } catch (GeneralSecurityException e) {
      throw new IOException(rootPem + ": " + e.getMessage() + " (expected: PEM)", e);
    }
  }

  SSLContext context() {
    return context;
  }

  TrustManagerFactory trust() {
    return trust;
  }
}
