package io.zenmesh.xds.pki;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.X509v3CertificateBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.openssl.jcajce.JcaPKCS8Generator;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A certificate authority for one machine: a root and an intermediate, ECDSA P-256, kept as PEM
 * files in one directory with keys of mode 0600.
 *
 * <p>Not for production: the root's key lies beside the intermediate's. Not thread-safe.
 */
public final class DevPki {
  private static final Duration CA_LIFETIME = Duration.ofDays(3650);
  private static final Duration BACKDATE = Duration.ofMinutes(1);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final String trustDomain;
  private final Clock clock;
  private final Issuer root;
  private final Issuer intermediate;

  private record Issuer(X509Certificate certificate, PrivateKey key) {}

  private DevPki(String trustDomain, Clock clock, Issuer root, Issuer intermediate) {
    this.trustDomain = trustDomain;
    this.clock = clock;
    this.root = root;
    this.intermediate = intermediate;
  }

  /**
   * Opens the authority in {@code directory}, or makes one there.
   *
   * @throws UncheckedIOException when the directory cannot be read or written
   */
  public static DevPki openOrCreate(Path directory, String trustDomain, Clock clock) {
    try {
      Files.createDirectories(directory);
      if (!Files.exists(directory.resolve("intermediate.pem"))) {
        Issuer root = newAuthority("Zen Mesh development root", null, clock);
        Issuer intermediate = newAuthority("Zen Mesh development issuer", root, clock);
        writeKey(directory.resolve("root.key"), root.key());
        write(directory.resolve("root.pem"), pem(root.certificate()), "rw-r--r--");
        writeKey(directory.resolve("intermediate.key"), intermediate.key());
        write(directory.resolve("intermediate.pem"), pem(intermediate.certificate()), "rw-r--r--");
      }
      return new DevPki(
          trustDomain, clock, read(directory, "root"), read(directory, "intermediate"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public String trustDomain() {
    return trustDomain;
  }

  /** The root certificate, PEM. */
  public String rootPem() {
    return pem(root.certificate());
  }

  /**
   * Issues a leaf with a fresh key into {@code directory}, replacing what is there file by file.
   *
   * @throws UncheckedIOException when the directory cannot be written
   */
  public IdentityFiles issue(Path directory, Leaf leaf) {
    try {
      Files.createDirectories(directory);
      IdentityFiles files = new IdentityFiles(directory);
      KeyPair pair = newKeyPair();
      X509Certificate certificate = sign(leaf, pair);
      writeKey(files.privateKey(), pair.getPrivate());
      write(
          files.certificateChain(),
          pem(certificate) + pem(intermediate.certificate()),
          "rw-r--r--");
      write(files.trustBundle(), rootPem(), "rw-r--r--");
      return files;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private X509Certificate sign(Leaf leaf, KeyPair pair) {
    Instant from = clock.instant().minus(BACKDATE);
    Instant until = clock.instant().plus(leaf.lifetime());
    if (!until.isAfter(from)) {
      from = until.minus(Duration.ofHours(1));
    }
    List<GeneralName> names = new ArrayList<>();
    leaf.spiffePath()
        .ifPresent(path ->
            names.add(
                new GeneralName(
                    GeneralName.uniformResourceIdentifier, "spiffe://" + trustDomain + path)));
    leaf.dnsNames().forEach(name -> names.add(new GeneralName(GeneralName.dNSName, name)));
    leaf.ipAddresses().forEach(ip -> names.add(new GeneralName(GeneralName.iPAddress, ip)));
    try {
      X509v3CertificateBuilder builder =
          builder(intermediate, name(leaf.commonName()), pair, from, until)
              .addExtension(Extension.basicConstraints, true, new BasicConstraints(false))
              .addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature))
              .addExtension(
                  Extension.extendedKeyUsage,
                  false,
                  new ExtendedKeyUsage(
                      new KeyPurposeId[] {
                        KeyPurposeId.id_kp_serverAuth, KeyPurposeId.id_kp_clientAuth
                      }));
      if (!names.isEmpty()) {
        builder.addExtension(
            Extension.subjectAlternativeName,
            false,
            new GeneralNames(names.toArray(GeneralName[]::new)));
      }
      return certificate(builder, intermediate.key());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Issuer newAuthority(String commonName, @Nullable Issuer parent, Clock clock) {
    KeyPair pair = newKeyPair();
    X500Name subject = name(commonName);
    Instant from = clock.instant().minus(BACKDATE);
    Instant until = from.plus(CA_LIFETIME);
    try {
      X509v3CertificateBuilder builder =
          parent == null
              ? new JcaX509v3CertificateBuilder(
                  subject, serial(), Date.from(from), Date.from(until), subject, pair.getPublic())
              : builder(parent, subject, pair, from, until);
      builder
          .addExtension(
              Extension.basicConstraints,
              true,
              parent == null ? new BasicConstraints(1) : new BasicConstraints(0))
          .addExtension(
              Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign))
          .addExtension(
              Extension.subjectKeyIdentifier,
              false,
              new JcaX509ExtensionUtils().createSubjectKeyIdentifier(pair.getPublic()));
      PrivateKey signer = parent == null ? pair.getPrivate() : parent.key();
      return new Issuer(certificate(builder, signer), pair.getPrivate());
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("certificate authority: cannot be made", e);
    }
  }

  private static X509v3CertificateBuilder builder(
      Issuer issuer, X500Name subject, KeyPair pair, Instant from, Instant until) {
    try {
      X509v3CertificateBuilder builder =
          new JcaX509v3CertificateBuilder(
              issuer.certificate(),
              serial(),
              Date.from(from),
              Date.from(until),
              subject,
              pair.getPublic());
      builder.addExtension(
          Extension.authorityKeyIdentifier,
          false,
          new JcaX509ExtensionUtils().createAuthorityKeyIdentifier(issuer.certificate()));
      return builder;
    } catch (IOException | GeneralSecurityException e) {
      throw new IllegalStateException("certificate: cannot be built", e);
    }
  }

  private static X509Certificate certificate(X509v3CertificateBuilder builder, PrivateKey key) {
    try {
      return new JcaX509CertificateConverter()
          .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(key)));
    } catch (OperatorCreationException | GeneralSecurityException e) {
      throw new IllegalStateException("certificate: cannot be signed", e);
    }
  }

  private static X500Name name(String commonName) {
    return new X500NameBuilder(BCStyle.INSTANCE).addRDN(BCStyle.CN, commonName).build();
  }

  private static BigInteger serial() {
    return new BigInteger(127, RANDOM).add(BigInteger.ONE);
  }

  private static KeyPair newKeyPair() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"), RANDOM);
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("secp256r1 missing from the JDK", e);
    }
  }

  private static Issuer read(Path directory, String name) throws IOException {
    try (PEMParser certificate =
            new PEMParser(new StringReader(Files.readString(directory.resolve(name + ".pem"))));
        PEMParser key =
            new PEMParser(new StringReader(Files.readString(directory.resolve(name + ".key"))))) {
      return new Issuer(
          new JcaX509CertificateConverter()
              .getCertificate((X509CertificateHolder) certificate.readObject()),
          new JcaPEMKeyConverter().getPrivateKey((PrivateKeyInfo) key.readObject()));
    } catch (GeneralSecurityException e) {
      throw new IOException(directory.resolve(name + ".pem") + ": cannot be read", e);
    }
  }

  private static String pem(X509Certificate certificate) {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(certificate);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void writeKey(Path file, PrivateKey key) throws IOException {
    StringWriter text = new StringWriter();
    try (JcaPEMWriter writer = new JcaPEMWriter(text)) {
      writer.writeObject(new JcaPKCS8Generator(key, null).generate());
    }
    write(file, text.toString(), "rw-------");
  }

  private static void write(Path file, String text, String mode) throws IOException {
    Path temporary =
        Files.createTempFile(
            file.toAbsolutePath().getParent(),
            ".pki",
            ".tmp",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(mode)));
    Files.writeString(temporary, text);
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
