package io.zenmesh.extproc.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.OctetKeyPair;
import com.nimbusds.jose.jwk.OctetSequenceKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import io.zenmesh.extproc.signature.RemoteKey;
import java.nio.charset.StandardCharsets;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class KeySetDocumentTest {
  private static Map<String, RemoteKey> read(String json) throws FetchException {
    return KeySetDocument.read(json.getBytes(StandardCharsets.UTF_8));
  }

  private static Map<String, RemoteKey> read(JWK... keys) throws FetchException {
    return read(new JWKSet(List.of(keys)).toString());
  }

  @Test
  void publicKeysOfEachKind_areRead() throws Exception {
    JWK ec = new ECKeyGenerator(Curve.P_256).keyID("ec").generate();
    JWK rsa = new RSAKeyGenerator(2048).keyID("rsa").generate();
    byte[] spki =
        KeyPairGenerator.getInstance("Ed25519").generateKeyPair().getPublic().getEncoded();
    JWK ed =
        new OctetKeyPair.Builder(
                Curve.Ed25519, Base64URL.encode(Arrays.copyOfRange(spki, 12, spki.length)))
            .keyID("ed")
            .build();
    Map<String, RemoteKey> keys = read(ec, rsa, ed);
    assertThat(keys).containsOnlyKeys("ec", "rsa", "ed");
    assertThat(keys.get("ed")).satisfies(key -> assertThat(key.key().getEncoded()).isEqualTo(spki));
  }

  @Test
  void P02_keysThatMustNotVerify_areLeftOut() throws Exception {
    ECKey pair = new ECKeyGenerator(Curve.P_256).keyID("private").generate();
    // Its text has the private half, unlike that of a set.
    String withPrivate = "{\"keys\":[" + pair.toJSONString() + "]}";
    assertThat(read(withPrivate)).isEmpty();
    JWK secret = new OctetSequenceKey.Builder(new byte[32]).keyID("secret").build();
    assertThat(read("{\"keys\":[" + secret.toJSONString() + "]}")).isEmpty();
    assertThat(read(new ECKeyGenerator(Curve.P_256).generate())).isEmpty();
    assertThat(
            read(new ECKeyGenerator(Curve.P_256).keyID("enc").keyUse(KeyUse.ENCRYPTION).generate()))
        .isEmpty();
  }

  @Test
  void idThatStandsTwice_countsForNone() throws Exception {
    JWK one = new ECKeyGenerator(Curve.P_256).keyID("same").generate();
    JWK other = new ECKeyGenerator(Curve.P_256).keyID("same").generate();
    JWK third = new ECKeyGenerator(Curve.P_256).keyID("same").generate();
    JWK single = new ECKeyGenerator(Curve.P_256).keyID("single").generate();
    assertThat(read(one, single, other, third)).containsOnlyKeys("single");
  }

  @Test
  void validity_isTheKeysOwn() throws Exception {
    Instant from = Instant.parse("2026-01-01T00:00:00Z");
    Instant until = Instant.parse("2026-02-01T00:00:00Z");
    JWK key =
        new ECKeyGenerator(Curve.P_256)
            .keyID("k")
            .notBeforeTime(Date.from(from))
            .expirationTime(Date.from(until))
            .generate();
    assertThat(read(key).get("k"))
        .satisfies(read -> {
          assertThat(read.notBefore()).isEqualTo(from);
          assertThat(read.notAfter()).contains(until);
        });
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "{}", "[]", "null", "{\"keys\":1}", "{\"keys\":[1]}", "<html>"})
  void noSet_isMalformed(String json) {
    assertThatThrownBy(() -> read(json)).isInstanceOf(FetchException.class);
  }

  @Test
  void deepOrLongSets_areMalformed() throws Exception {
    assertThatThrownBy(() -> read("{\"keys\":" + "[".repeat(100_000)))
        .isInstanceOf(FetchException.class);
    JWK[] many =
        IntStream.range(0, 65)
            .mapToObj(i -> {
              try {
                return new ECKeyGenerator(Curve.P_256).keyID("k" + i).generate();
              } catch (com.nimbusds.jose.JOSEException e) {
                throw new IllegalStateException(e);
              }
            })
            .toArray(JWK[]::new);
    assertThatThrownBy(() -> read(many)).isInstanceOf(FetchException.class);
  }
}
