package io.zenmesh.extproc.keys;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.fixture.KeyServer;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.extproc.signature.SignedRequest;
import io.zenmesh.extproc.signature.Verdict;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The scheme {@code aws-sns} with fetched certificates, from the message to the TLS server. */
class SnsCertificateTest {
  private static final String HOST = "sns.eu-west-1.amazonaws.com";
  private static final String CERTIFICATE = "https://" + HOST + "/SimpleNotificationService-1.pem";
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final Clock CLOCK = Clock.systemUTC();

  private final FetchRecorder fetches = new FetchRecorder();
  private final KeyPair pair;
  private final KeyServer server;
  private final RemoteKeys keys;
  private final SchemeVerifier verifier;

  SnsCertificateTest(@TempDir Path directory) throws Exception {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    generator.initialize(2048);
    pair = generator.generateKeyPair();
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", CLOCK);
    server = new KeyServer(pki.issue(directory.resolve("sns"), Leaf.server("sns", HOST)));
    keys = new RemoteKeys(server.reach(pki), fetches, CLOCK, System::nanoTime);
    Scheme scheme = Catalogue.bundled().find("aws-sns").orElseThrow();
    verifier =
        SchemeVerifier.prepare(
            scheme,
            SchemeVerifier.Settings.DEFAULT,
            List.of(
                new VerificationKey(
                    "topic",
                    Instant.EPOCH,
                    Optional.empty(),
                    SecretBytes.takeOver(TOPIC.getBytes(US_ASCII)))),
            keys.of(EndpointRef.parse("acme/sns"), scheme.keyPlaces()));
  }

  @BeforeEach
  void publish() throws Exception {
    server.serves(certificate("sns.amazonaws.com"));
  }

  @AfterEach
  void close() {
    keys.close();
    server.close();
  }

  /** As Amazon publishes it: alone. */
  private String certificate(String name) throws Exception {
    Instant now = CLOCK.instant();
    X500Name subject = new X500Name("CN=" + name);
    X509Certificate certificate =
        new JcaX509CertificateConverter()
            .getCertificate(
                new JcaX509v3CertificateBuilder(
                        subject,
                        BigInteger.TWO,
                        Date.from(now.minus(Duration.ofDays(1))),
                        Date.from(now.plus(Duration.ofDays(1))),
                        subject,
                        pair.getPublic())
                    .addExtension(
                        Extension.subjectAlternativeName,
                        false,
                        new GeneralNames(new GeneralName(GeneralName.dNSName, name)))
                    .build(new JcaContentSignerBuilder("SHA256withRSA").build(pair.getPrivate())));
    return "-----BEGIN CERTIFICATE-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(certificate.getEncoded())
        + "\n-----END CERTIFICATE-----\n";
  }

  private SignedRequest message(String certificateUrl) throws Exception {
    String at = CLOCK.instant().truncatedTo(ChronoUnit.MILLIS).toString();
    String content =
        "Message\nhello\nMessageId\nm-1\nTimestamp\n"
            + at
            + "\nTopicArn\n"
            + TOPIC
            + "\nType\nNotification\n";
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(content.getBytes(US_ASCII));
    String body =
        "{\"Type\":\"Notification\",\"MessageId\":\"m-1\",\"TopicArn\":\"%s\",\"Message\":\"hello\",\"Timestamp\":\"%s\",\"SignatureVersion\":\"2\",\"Signature\":\"%s\",\"SigningCertURL\":\"%s\"}"
            .formatted(
                TOPIC, at, Base64.getEncoder().encodeToString(signature.sign()), certificateUrl);
    return new Post(ByteBuffer.wrap(body.getBytes(US_ASCII)));
  }

  private record Post(ByteBuffer body) implements SignedRequest {
    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String authority() {
      return "hooks.acme.test";
    }

    @Override
    public String path() {
      return "/acme/sns";
    }

    @Override
    public List<String> header(String lowerCaseName) {
      return List.of();
    }

    @Override
    public ByteBuffer body() {
      return body.asReadOnlyBuffer();
    }
  }

  private Verdict verify(SignedRequest request) {
    return verifier.verify(request, CLOCK.instant());
  }

  @Test
  void message_waitsForItsCertificate_thenIsVerified() throws Exception {
    SignedRequest request = message(CERTIFICATE);
    assertThat(verify(request)).isEqualTo(new Verdict.Refused(Reason.KEY_UNAVAILABLE));
    Verdict verdict =
        eventually(
            "verdict",
            () -> verify(request),
            found -> !found.equals(new Verdict.Refused(Reason.KEY_UNAVAILABLE)));
    assertThat(verdict).isInstanceOf(Verdict.Verified.class);
    assertThat(server.asked())
        .containsExactly(HOST + " " + HOST + "/SimpleNotificationService-1.pem");
  }

  @Test
  void certificateOfAnotherName_verifiesNothing() throws Exception {
    server.serves(certificate("sns.amazonaws.com.attacker.tld"));
    SignedRequest request = message(CERTIFICATE);
    assertThat(verify(request)).isEqualTo(new Verdict.Refused(Reason.KEY_UNAVAILABLE));
    assertThat(fetches.outcome(1)).contains(FetchProblem.UNTRUSTED);
    assertThat(verify(request)).isEqualTo(new Verdict.Refused(Reason.KEY_UNAVAILABLE));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://sns.evil.amazonaws.com.attacker.tld/a.pem",
        "https://sns.eu-west-1.amazonaws.com@attacker.tld/a.pem",
        "https://attacker.tld/sns.eu-west-1.amazonaws.com/a.pem",
        "http://sns.eu-west-1.amazonaws.com/a.pem",
        "https://sns.eu-west-1.amazonaws.com:8443/a.pem",
        "https://127.0.0.1/a.pem"
      })
  void G01_certificateAtAnotherPlace_isNeverFetched(String url) throws Exception {
    assertThat(verify(message(url))).isEqualTo(new Verdict.Refused(Reason.SIGNATURE_MALFORMED));
    assertThat(fetches.count()).isZero();
    assertThat(server.asked()).isEmpty();
  }
}
