package io.zenmesh.extproc.keys;

import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.RemoteKey;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.CertPathBuilder;
import java.security.cert.CertStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXBuilderParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509CertSelector;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import javax.naming.InvalidNameException;
import javax.naming.ldap.LdapName;

/**
 * Checks a sender's certificate: in date, one of the pinned names, and a chain to a trusted root
 * made of the certificates that were published with it (RFC 5280).
 */
final class SigningCertificate {
  private static final int MOST_CERTIFICATES = 8;
  private static final int DNS_NAME = 2;
  private static final int KEY_CERT_SIGN = 5;
  private static final String BEGIN = "-----BEGIN CERTIFICATE-----";

  private final Set<TrustAnchor> roots;
  private final InstantSource clock;

  SigningCertificate(List<X509Certificate> roots, InstantSource clock) {
    this.roots =
        roots.stream().map(root -> new TrustAnchor(root, null)).collect(Collectors.toSet());
    this.clock = clock;
  }

  /**
   * The key of a certificate.
   *
   * @param pem the certificate, then its issuers
   * @throws FetchException when it is none, or must not be trusted
   */
  RemoteKey check(byte[] pem, KeyPlaces places) throws FetchException {
    List<X509Certificate> published = read(pem);
    X509Certificate leaf = published.getFirst();
    Date now = Date.from(clock.instant());
    try {
      leaf.checkValidity(now);
      boolean named =
          names(leaf).stream()
              .map(name -> name.toLowerCase(Locale.ROOT))
              .anyMatch(name ->
                  places.certificateNames().stream()
                      .anyMatch(pinned -> pinned.matcher(name).matches()));
      if (!named || mayIssue(leaf)) {
        throw new FetchException(FetchProblem.UNTRUSTED);
      }
      if (!places.leafAlone() || published.size() > 1) {
        requireChain(leaf, published, now);
      }
    } catch (GeneralSecurityException | InvalidNameException e) {
      throw new FetchException(FetchProblem.UNTRUSTED);
    }
    return new RemoteKey(
        leaf.getPublicKey(),
        leaf.getNotBefore().toInstant(),
        Optional.of(leaf.getNotAfter().toInstant()));
  }

  private static List<X509Certificate> read(byte[] pem) throws FetchException {
    try {
      if (!new String(pem, StandardCharsets.ISO_8859_1).contains(BEGIN)) {
        throw new FetchException(FetchProblem.MALFORMED);
      }
      List<X509Certificate> certificates = new ArrayList<>();
      for (Certificate one :
          CertificateFactory.getInstance("X.509")
              .generateCertificates(new ByteArrayInputStream(pem))) {
        certificates.add((X509Certificate) one);
      }
      if (certificates.isEmpty() || certificates.size() > MOST_CERTIFICATES) {
        throw new FetchException(FetchProblem.MALFORMED);
      }
      return certificates;
    } catch (GeneralSecurityException | RuntimeException notCertificates) {
      throw new FetchException(FetchProblem.MALFORMED);
    }
  }

  private static boolean mayIssue(X509Certificate leaf) {
    boolean[] usage = leaf.getKeyUsage();
    return leaf.getBasicConstraints() >= 0 || usage != null && usage[KEY_CERT_SIGN];
  }

  /** The alternative names; only without any, the common name. */
  private static List<String> names(X509Certificate leaf)
      throws GeneralSecurityException, InvalidNameException {
    Collection<List<?>> alternatives = leaf.getSubjectAlternativeNames();
    if (alternatives != null) {
      return alternatives.stream()
          .filter(name -> name.get(0).equals(DNS_NAME))
          .map(name -> name.get(1).toString())
          .toList();
    }
    return new LdapName(leaf.getSubjectX500Principal().getName())
        .getRdns().stream()
            .filter(rdn -> rdn.getType().equalsIgnoreCase("CN"))
            .map(rdn -> rdn.getValue().toString())
            .limit(1)
            .toList();
  }

  private void requireChain(X509Certificate leaf, List<X509Certificate> published, Date now)
      throws GeneralSecurityException {
    X509CertSelector target = new X509CertSelector();
    target.setCertificate(leaf);
    PKIXBuilderParameters parameters = new PKIXBuilderParameters(roots, target);
    parameters.setRevocationEnabled(false);
    parameters.setDate(now);
    parameters.addCertStore(
        CertStore.getInstance("Collection", new CollectionCertStoreParameters(published)));
    var unused = CertPathBuilder.getInstance("PKIX").build(parameters);
  }
}
