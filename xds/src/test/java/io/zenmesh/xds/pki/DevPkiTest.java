package io.zenmesh.xds.pki;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DevPkiTest {
  @TempDir Path directory;

  @Test
  void issuedLeaf_chainsToRootAndBearsItsSpiffeId() throws Exception {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    IdentityFiles files = pki.issue(directory.resolve("id"), Leaf.workload("/control-plane"));

    List<X509Certificate> chain = certificates(files.certificateChain());
    X509Certificate root = certificates(files.trustBundle()).getFirst();
    PKIXParameters parameters = new PKIXParameters(Set.of(new TrustAnchor(root, null)));
    parameters.setRevocationEnabled(false);
    CertPathValidator.getInstance("PKIX")
        .validate(CertificateFactory.getInstance("X.509").generateCertPath(chain), parameters);

    assertThat(SpiffeId.ofLeaf(chain.getFirst()))
        .contains(new SpiffeId("zen.local", "/control-plane"));
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(files.privateKey())))
        .isEqualTo("rw-------");
  }

  @Test
  void openOrCreate_secondTime_keepsTheRoot() {
    DevPki first = DevPki.openOrCreate(directory, "zen.local", Clock.systemUTC());
    DevPki second = DevPki.openOrCreate(directory, "zen.local", Clock.systemUTC());
    assertThat(second.rootPem()).isEqualTo(first.rootPem());
  }

  @SuppressWarnings("unchecked")
  private static List<X509Certificate> certificates(Path file) throws Exception {
    try (InputStream in = Files.newInputStream(file)) {
      Collection<?> all = CertificateFactory.getInstance("X.509").generateCertificates(in);
      return List.copyOf((Collection<X509Certificate>) all);
    }
  }
}
