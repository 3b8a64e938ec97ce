package io.zenmesh.envoyconfig;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** JDK TLS contexts from PEM files. */
final class PemContext {
  private static final char[] PASSWORD = "unused".toCharArray();

  private PemContext() {}

  /** Trusts {@code roots} and shows {@code identity}, if there is one. */
  static SSLContext of(Path roots, Optional<IdentityFiles> identity)
      throws GeneralSecurityException, IOException {
    KeyStore trusted = KeyStore.getInstance("PKCS12");
    trusted.load(null, PASSWORD);
    for (Certificate root : certificates(roots)) {
      trusted.setCertificateEntry("root-" + trusted.size(), root);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(trusted);
    KeyStore own = KeyStore.getInstance("PKCS12");
    own.load(null, PASSWORD);
    if (identity.isPresent()) {
      String pem = Files.readString(identity.get().privateKey());
      byte[] der =
          Base64.getMimeDecoder().decode(pem.replaceAll("-----(BEGIN|END) PRIVATE KEY-----", ""));
      own.setKeyEntry(
          "own",
          KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(der)),
          PASSWORD,
          certificates(identity.get().certificateChain()).toArray(new Certificate[0]));
    }
    KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
    keys.init(own, PASSWORD);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
    return context;
  }

  private static Collection<? extends Certificate> certificates(Path pem)
      throws GeneralSecurityException, IOException {
    try (InputStream in = Files.newInputStream(pem)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }
}
