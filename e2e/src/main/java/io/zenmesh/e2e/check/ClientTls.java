package io.zenmesh.e2e.check;

import io.zenmesh.e2e.harness.PemIdentity;
import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** What clients trust, and the certificate that they show, if any. Thread-safe. */
public final class ClientTls {
  private final TrustManagerFactory trust;
  private final Optional<KeyManagerFactory> keys;
  private final SSLContext context;

  private ClientTls(
      TrustManagerFactory trust, Optional<KeyManagerFactory> keys, SSLContext context) {
    this.trust = trust;
    this.keys = keys;
    this.context = context;
  }

  /**
   * Trusts the certificates of one PEM file.
   *
   * @throws IOException when the file cannot be read or holds no certificate
   */
  public static ClientTls trusting(Path rootPem) throws IOException {
    return of(rootPem, Optional.empty());
  }

  /**
   * Trusts the certificates of one PEM file, and shows the certificate of an identity when asked.
   *
   * @throws IOException when the file cannot be read or holds no certificate
   */
  public static ClientTls showing(Path rootPem, IdentityFiles identity) throws IOException {
    return of(rootPem, Optional.of(PemIdentity.keys(identity)));
  }

  private static ClientTls of(Path rootPem, Optional<KeyManagerFactory> keys) throws IOException {
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
      context.init(
          keys.map(KeyManagerFactory::getKeyManagers).orElse(new KeyManager[0]),
          trust.getTrustManagers(),
          null);
      return new ClientTls(trust, keys, context);
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

  Optional<KeyManagerFactory> keys() {
    return keys;
  }
}
