package io.zenmesh.e2e.keys;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.InProcessProcessor;
import io.zenmesh.e2e.fixture.StaticEnvoys;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.e2e.harness.Eventually.Found;
import io.zenmesh.e2e.harness.PemIdentity;
import io.zenmesh.extproc.keys.Reach;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.pki.Leaf;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bearer token scheme whose keys are fetched from the issuer's key set. */
class KeyFetchIT {
  private static final String ISSUER = "issuer.example";
  private static final String SCHEME =
      """
      name: acme-jwt
      title: Acme's issuer
      docs: https://issuer.example/docs
      weak: true
      signature:
        header: Authorization
        form: token
        prefix: "Bearer "
        algorithmName: ES256
        keyFrom: {keySet: kid, url: "https://issuer.example/jwks.json"}
        algorithm: ecdsa-p256-sha256-raw
        encoding: base64url
        key: pem
      timestamp: {part: iat, unit: seconds, tolerance: 1h}
      id: {part: jti}
      replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  @TempDir static Path directory;
  private static StaticEnvoys envoys;
  private static HttpsServer issuer;
  private static InProcessProcessor processor;
  private static ECKey key;
  private static final AtomicInteger asked = new AtomicInteger();

  @BeforeAll
  static void start() throws IOException, JOSEException, GeneralSecurityException {
    key = new ECKeyGenerator(Curve.P_256).keyID("key-1").generate();
    envoys =
        StaticEnvoys.start(
            directory.resolve("mesh"), UnaryOperator.identity(), UnaryOperator.identity());
    IdentityFiles identity =
        envoys.pki().issue(envoys.state().identity("issuer"), Leaf.server("issuer", ISSUER));
    issuer = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    issuer.setHttpsConfigurator(new HttpsConfigurator(PemIdentity.mutualTls(identity)));
    issuer.createContext(
        "/jwks.json",
        exchange -> {
          asked.incrementAndGet();
          byte[] body = new JWKSet(key).toString().getBytes(UTF_8);
          exchange.sendResponseHeaders(200, body.length);
          exchange.getResponseBody().write(body);
          exchange.close();
        });
    issuer.start();
    List<X509Certificate> roots =
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(envoys.pki().rootPem().getBytes(UTF_8)))
            .stream()
            .map(X509Certificate.class::cast)
            .toList();
    processor =
        new InProcessProcessor(
            envoys.processorSocket(),
            new Reach(
                (host, port) -> List.of(issuer.getAddress()),
                InetAddress::isLoopbackAddress,
                roots));
    processor.verifies(
        StaticEnvoys.ENDPOINT,
        "acme-jwt",
        new SchemeSettings(Optional.of(SCHEME), List.of(), false),
        1024);
  }

  @AfterAll
  static void stop() throws IOException {
    processor.close();
    issuer.stop(0);
    envoys.close();
  }

  private static String token(ECKey signer) throws JOSEException {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID("key-1").build(),
            new JWTClaimsSet.Builder()
                .issueTime(Date.from(Clock.systemUTC().instant()))
                .jwtID(UUID.randomUUID().toString())
                .build());
    jwt.sign(new ECDSASigner(signer));
    return jwt.serialize();
  }

  private static Outcome send(String token) throws IOException {
    try (RawHttp1 client = new RawHttp1(envoys.tls(), Duration.ofSeconds(10))) {
      return client.send(
          envoys.port(),
          StaticEnvoys.HOST,
          WireRequest.post(
              StaticEnvoys.HOST,
              StaticEnvoys.PATH,
              ByteString.copyFromUtf8("{}"),
              List.of(new Field("Authorization", "Bearer " + token))));
    }
  }

  @Test
  void P02_tokenOfAFetchedKey_waitsForTheKey_thenPasses_andForgeriesDoNot() throws Exception {
    String token = token(key);
    Outcome first = send(token);
    assertThat(first.status()).as("%s", first).hasValue(503);
    assertThat(first.problemCode()).hasValue("key_unavailable");
    assertThat(Field.values(((Outcome.Answered) first).headers(), "retry-after"))
        .containsExactly("1");
    assertThat(envoys.target().arrivals().total()).isZero();
    Outcome second =
        Eventually.get(
            "the key",
            Duration.ofSeconds(10),
            () -> {
              Outcome outcome = send(token);
              return outcome.status().orElse(0) == 503
                  ? Found.instead("503")
                  : Found.value(outcome);
            });
    assertThat(second.status()).as("%s", second).hasValue(200);
    // The route does not show the processor the answer, so the message stays claimed.
    assertThat(send(token).problemCode()).as("again").hasValue("in_flight");
    assertThat(send(token(key)).status()).hasValue(200);
    long arrived = envoys.target().arrivals().total();

    ECKey forger = new ECKeyGenerator(Curve.P_256).keyID("key-1").generate();
    assertThat(send(token(forger)).status()).as("forged").hasValue(401);
    String[] parts = token(key).split("\\.", -1);
    String none = Base64URL.encode("{\"alg\":\"none\",\"kid\":\"key-1\"}").toString();
    assertThat(send(none + "." + parts[1] + ".").status().orElse(0)).as("none").isIn(400, 401);
    String hs256 = Base64URL.encode("{\"alg\":\"HS256\",\"kid\":\"key-1\"}").toString();
    assertThat(send(hs256 + "." + parts[1] + "." + parts[2]).status().orElse(0))
        .as("HS256")
        .isIn(400, 401);
    assertThat(envoys.target().arrivals().total()).isEqualTo(arrived);
    assertThat(asked).hasValue(1);
  }
}
