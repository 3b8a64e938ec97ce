package io.zenmesh.xds.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SpiffeIdTest {
  @TempDir private Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "spiffe://zen.local",
        "spiffe://zen.local/control-plane",
        "spiffe://zen_1.local-2/cluster/edge/envoy/In.gress_1",
        "spiffe://zen.local/.../a"
      })
  void wellFormedId_isReadAndWrittenBack(String text) {
    assertThat(SpiffeId.parse(text)).hasValueSatisfying(id -> assertThat(id).hasToString(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "spiffe://",
        "spiffe:///path",
        "SPIFFE://zen.local/a",
        "https://zen.local/a",
        "spiffe://Zen.local/a",
        "spiffe://zen.local:443/a",
        "spiffe://user@zen.local/a",
        "spiffe://zen.local/",
        "spiffe://zen.local/a/",
        "spiffe://zen.local//a",
        "spiffe://zen.local/./a",
        "spiffe://zen.local/a/..",
        "spiffe://zen.local/a%2fb",
        "spiffe://zen.local/a?q",
        "spiffe://zen.local/a#f",
        "spiffe://zen.local/a b",
        "spiffe://zen.local/ä",
        "spiffe://zen.loc\u0130l/a",
        "spiffe://zen.local/a\u0000"
      })
  void malformedId_isNotRead(String text) {
    assertThat(SpiffeId.parse(text)).isEmpty();
  }

  @Test
  void idLongerThanTheStandardAllows_isNotRead() {
    String prefix = "spiffe://zen.local/";
    assertThat(SpiffeId.parse(prefix + "a".repeat(2048 - prefix.length()))).isPresent();
    assertThat(SpiffeId.parse(prefix + "a".repeat(2049 - prefix.length()))).isEmpty();
    assertThat(SpiffeId.parse("spiffe://" + "a".repeat(256) + "/x")).isEmpty();
  }

  @Test
  void malformedPart_isRefusedByTheConstructor() {
    assertThatThrownBy(() -> new SpiffeId("Zen.local", "/a"))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new SpiffeId("zen.local", "a"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void leafOfAWorkload_hasItsId() throws IOException, CertificateException {
    assertThat(SpiffeId.ofLeaf(chain(Leaf.workload("/control-plane")).getFirst()))
        .contains(new SpiffeId("zen.local", "/control-plane"));
  }

  @Test
  void certificateWithoutUriSan_hasNone() throws IOException, CertificateException {
    assertThat(SpiffeId.ofLeaf(chain(Leaf.server("target")).getFirst())).isEmpty();
  }

  @Test
  void authority_hasNone() throws IOException, CertificateException {
    assertThat(SpiffeId.ofLeaf(chain(Leaf.workload("/control-plane")).getLast())).isEmpty();
  }

  private List<X509Certificate> chain(Leaf leaf) throws IOException, CertificateException {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    Path file = pki.issue(directory.resolve("leaf"), leaf).certificateChain();
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
          .map(X509Certificate.class::cast)
          .toList();
    }
  }
}
