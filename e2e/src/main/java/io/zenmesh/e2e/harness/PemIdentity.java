package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Arrays;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** TLS contexts of the harness's own clients, from the PEM files of an identity. */
public final class PemIdentity {
  private PemIdentity() {}

  /** A context that trusts the identity's bundle and shows its certificate. */
  public static SSLContext mutualTls(IdentityFiles identity) {
    return context(identity.trustBundle(), Optional.of(identity));
  }

  /** A context that trusts {@code roots} and shows no certificate. */
  public static SSLContext trusting(Path roots) {
    return context(roots, Optional.empty());
  }

  /** A context that trusts {@code roots} and shows the certificate of {@code client}. */
  public static SSLContext context(Path roots, Optional<IdentityFiles> client) {
    try {
      KeyStore trusted = emptyStore();
      int index = 0;
      for (Certificate root : certificates(roots)) {
        trusted.setCertificateEntry("root-" + index++, root);
      }
      TrustManagerFactory trust =
          TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
      trust.init(trusted);
      KeyManager[] keys =
          client.isPresent() ? keyManagers(client.get()).getKeyManagers() : new KeyManager[0];
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys, trust.getTrustManagers(), null);
      return context;
    } catch (GeneralSecurityException | IOException e) {
      throw new HarnessException("identity: " + roots + " cannot be loaded", e);
    }
  }

  /**
   * The certificate and key of an identity.
   *
   * @throws HarnessException when they cannot be read
   */
  public static KeyManagerFactory keys(IdentityFiles identity) {
    try {
      return keyManagers(identity);
    } catch (GeneralSecurityException | IOException e) {
      throw new HarnessException("identity: " + identity.directory() + " cannot be loaded", e);
    }
  }

  private static KeyManagerFactory keyManagers(IdentityFiles identity)
      throws GeneralSecurityException, IOException {
    KeyStore own = emptyStore();
    char[] noPassword = new char[0];
    Certificate[] chain = certificates(identity.certificateChain()).toArray(Certificate[]::new);
    own.setKeyEntry("own", privateKey(identity.privateKey()), noPassword, chain);
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, noPassword);
    return keys;
  }

  private static Collection<? extends Certificate> certificates(Path pem)
      throws GeneralSecurityException, IOException {
    return CertificateFactory.getInstance("X.509")
        .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(pem)));
  }

  private static PrivateKey privateKey(Path pem) throws GeneralSecurityException, IOException {
    byte[] text = Files.readAllBytes(pem);
    byte[] der = Base64.getMimeDecoder().decode(body(text));
    try {
      return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der));
    } finally {
      Arrays.fill(der, (byte) 0);
      Arrays.fill(text, (byte) 0);
    }
  }

  /** What stands between the first line and the last dashes' line of a PEM text. */
  private static byte[] body(byte[] pem) {
    int from = 0;
    while (from < pem.length && pem[from] != '\n') {
      from++;
    }
    int to = from;
    while (to < pem.length && pem[to] != '-') {
      to++;
    }
    return Arrays.copyOfRange(pem, from, to);
  }

  private static KeyStore emptyStore() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance("PKCS12");
    store.load(null, null);
    return store;
  }
}
