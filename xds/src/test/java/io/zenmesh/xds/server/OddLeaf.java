package io.zenmesh.xds.server;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/**
 * A leaf that our own issuer would never sign, signed with its key all the same.
 *
 * @param uris the URI names, verbatim
 * @param ca whether it calls itself a CA
 * @param purpose its extended key usage
 */
public record OddLeaf(List<String> uris, boolean ca, KeyPurposeId purpose) {
  /** A client leaf with these URI names. */
  public static OddLeaf named(String... uris) {
    return new OddLeaf(List.of(uris), false, KeyPurposeId.id_kp_clientAuth);
  }

  /** Signs it with the intermediate in {@code pki} and writes it to {@code directory}. */
  public IdentityFiles issue(Path pki, Path directory) throws Exception {
    Files.createDirectories(directory);
    IdentityFiles files = new IdentityFiles(directory);
    KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
    generator.initialize(new ECGenParameterSpec("secp256r1"));
    KeyPair pair = generator.generateKeyPair();
    String issuer = Files.readString(pki.resolve("intermediate.pem"));
    X509Certificate leaf = sign(pki, pair);
    Files.writeString(files.certificateChain(), pem(leaf) + issuer);
    Files.writeString(
        files.privateKey(), pem(new JcaPKCS8Generator(pair.getPrivate(), null).generate()));
    Files.copy(pki.resolve("root.pem"), files.trustBundle());
    return files;
  }

  private X509Certificate sign(Path pki, KeyPair pair)
      throws IOException, GeneralSecurityException, OperatorCreationException {
    Instant now = Instant.ofEpochMilli(System.currentTimeMillis());
    try (PEMParser issuer =
            new PEMParser(new StringReader(Files.readString(pki.resolve("intermediate.pem"))));
        PEMParser key =
            new PEMParser(new StringReader(Files.readString(pki.resolve("intermediate.key"))))) {
      X509Certificate by =
          new JcaX509CertificateConverter()
              .getCertificate((X509CertificateHolder) issuer.readObject());
      PrivateKey signer = new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) key.readObject());
      GeneralName[] names =
          uris.stream()
              .map(u -> new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(u)))
              .toArray(GeneralName[]::new);
      return new JcaX509CertificateConverter()
          .getCertificate(
              new JcaX509v3CertificateBuilder(
                      by,
                      BigInteger.valueOf(System.nanoTime()),
                      Date.from(now.minusSeconds(60)),
                      Date.from(now.plusSeconds(3600)),
                      new X500Name("CN=spiffe://zen.local/cluster/edge/envoy/ingress-1"),
                      pair.getPublic())
                  .addExtension(Extension.basicConstraints, true, new BasicConstraints(ca))
                  .addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose))
                  .addExtension(Extension.subjectAlternativeName, false, new GeneralNames(names))
                  .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer)));
    }
  }

  private static String pem(Object value) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(value);
    }
    return text.toString();
  }
}
