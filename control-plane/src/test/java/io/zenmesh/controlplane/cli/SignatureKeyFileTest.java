package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Schemes whose messages only name their keys, with keys from a file. */
class SignatureKeyFileTest {
  private static final String BODY = "{\"hello\":\"world\"}";

  /** The vector {@code paypal-crc}. */
  private static final String CRC = "3624485329";

  @TempDir Path folder;

  private static String sha256(String text) throws GeneralSecurityException {
    return HexFormat.of()
        .formatHex(
            MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8)));
  }

  private SignatureCall plaid(ECKey key) throws GeneralSecurityException, JOSEException {
    JWSObject token =
        new JWSObject(
            new JWSHeader.Builder(JWSAlgorithm.ES256).keyID(key.getKeyID()).build(),
            new Payload(
                "{\"iat\":%d,\"request_body_sha256\":\"%s\"}"
                    .formatted(SignatureCall.NOW, sha256(BODY))));
    token.sign(new ECDSASigner(key));
    return SignatureCall.of("plaid", "", BODY).withHeader("Plaid-Verification", token.serialize());
  }

  @Test
  void plaid_keyOfAKeySet_isFoundByItsId() throws GeneralSecurityException, JOSEException {
    ECKey key = new ECKeyGenerator(Curve.P_256).keyID("6c5516e1").generate();
    ECKey other = new ECKeyGenerator(Curve.P_256).keyID("other").generate();
    String set = SignatureCall.file(folder, "jwks", new JWKSet(key).toString()).toString();
    String others = SignatureCall.file(folder, "others", new JWKSet(other).toString()).toString();
    SignatureCall call = plaid(key);
    assertThat(call.with("--key-file", set).run(folder, "verify"))
        .isEqualTo(new ZenctlRun(0, "verified\n", ""));
    assertThat(call.withBody("{}").with("--key-file", set).run(folder, "verify").out())
        .isEqualTo("refused: signature_mismatch\n");
    assertThat(call.with("--key-file", others).run(folder, "verify").out())
        .isEqualTo("refused: key_unavailable\n");
  }

  private static String pem(PublicKey key) {
    return "-----BEGIN PUBLIC KEY-----\n"
        + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(key.getEncoded())
        + "\n-----END PUBLIC KEY-----\n";
  }

  private static SignatureCall paypal(KeyPair pair) throws GeneralSecurityException {
    String time = Instant.ofEpochSecond(SignatureCall.NOW).toString();
    Signature signature = Signature.getInstance("SHA256withRSA");
    signature.initSign(pair.getPrivate());
    signature.update(("tr-1|" + time + "|WEBHOOK-1|" + CRC).getBytes(StandardCharsets.US_ASCII));
    return SignatureCall.of("paypal", "WEBHOOK-1", BODY)
        .withHeader("PAYPAL-TRANSMISSION-ID", "tr-1")
        .withHeader("PAYPAL-TRANSMISSION-TIME", time)
        .withHeader("PAYPAL-AUTH-ALGO", "SHA256withRSA")
        .withHeader("PAYPAL-CERT-URL", "https://api.paypal.com/v1/notifications/certs/CERT-1")
        .withHeader(
            "PAYPAL-TRANSMISSION-SIG", Base64.getEncoder().encodeToString(signature.sign()));
  }

  @Test
  void paypal_keyInPem_isTheOnlyOne() throws GeneralSecurityException {
    KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
    KeyPair pair = generator.generateKeyPair();
    SignatureCall call =
        paypal(pair)
            .with(
                "--key-file", SignatureCall.file(folder, "pem", pem(pair.getPublic())).toString());
    assertThat(call.run(folder, "verify")).isEqualTo(new ZenctlRun(0, "verified\n", ""));
    assertThat(call.withBody("{}").run(folder, "verify").out())
        .isEqualTo("refused: signature_mismatch\n");
    assertThat(call.withSecret("WEBHOOK-2").run(folder, "verify").out())
        .isEqualTo("refused: signature_mismatch\n");
    assertThat(
            call.withHeader("PAYPAL-CERT-URL", "https://api.paypal.com.attacker.example/c")
                .run(folder, "verify")
                .out())
        .isEqualTo("refused: signature_malformed\n");
  }

  @Test
  void keyFile_withoutKeys_isUsage() {
    for (String content :
        new String[] {"", "{}", "{\"keys\":[]}", "-----BEGIN PUBLIC KEY-----\nAA"}) {
      String file = SignatureCall.file(folder, "keys", content).toString();
      ZenctlRun run =
          SignatureCall.of("plaid", "", BODY).with("--key-file", file).run(folder, "verify");
      assertThat(run.exitCode()).isEqualTo(2);
      assertThat(run.err()).startsWith("zenctl: --key-file: " + file + " holds no keys");
    }
  }
}
