package io.zenmesh.xds.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.Duration;
import com.google.protobuf.Timestamp;
import com.google.protobuf.UnknownFieldSet;
import io.zenmesh.xds.model.EndpointPolicy.OnReceiptLoss;
import io.zenmesh.xds.resource.SampleMesh;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.VerificationKey;
import io.zenmesh.xds.wire.v1.EndpointKeys;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.util.Collections;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class PolicyCodecTest {
  private static final EndpointPolicy POLICY = PolicyCodec.encode(SampleMesh.policies().getFirst());
  private static final String TOPIC = "arn:aws:sns:eu-west-1:123456789012:orders";
  private static final EndpointKeys KEYS = PolicyCodec.encode(SampleMesh.keys().getFirst());

  @Test
  void policy_survivesTheWire() {
    SampleMesh.policies()
        .forEach(
            policy -> assertThat(PolicyCodec.decode(PolicyCodec.encode(policy))).isEqualTo(policy));
  }

  @Test
  void keys_surviveTheWire() {
    var decoded = PolicyCodec.decode(KEYS);
    var original = SampleMesh.keys().getFirst();
    assertThat(decoded.ref()).isEqualTo(original.ref());
    assertThat(decoded.keys()).hasSameSizeAs(original.keys());
    for (int i = 0; i < original.keys().size(); i++) {
      VerificationKey key = decoded.keys().get(i);
      VerificationKey expected = original.keys().get(i);
      assertThat(key.id()).isEqualTo(expected.id());
      assertThat(key.notBefore()).isEqualTo(expected.notBefore());
      assertThat(key.notAfter()).isEqualTo(expected.notAfter());
      assertThat(key.secret().sameAs(expected.secret())).isTrue();
    }
  }

  @Test
  void verifyToken_survivesTheWire() {
    var original = SampleMesh.keys().getLast();
    var decoded = PolicyCodec.decode(PolicyCodec.encode(original));
    assertThat(decoded.verifyToken().orElseThrow().sameAs(original.verifyToken().orElseThrow()))
        .isTrue();
    assertThat(PolicyCodec.decode(KEYS).verifyToken()).isEmpty();
  }

  /** Never the default: a policy of a control plane that knows no dry run is enforced. */
  @Test
  void policyThatSaysNothingOfDryRun_isEnforced() {
    assertThat(PolicyCodec.decode(POLICY.toBuilder().clearDryRun().build()).enforce()).isTrue();
  }

  @Test
  void policyThatSaysNothingOfReceipts_acceptsWithout_andTheOtherSurvives() {
    assertThat(PolicyCodec.decode(POLICY).onReceiptLoss()).isEqualTo(OnReceiptLoss.ACCEPT);
    EndpointPolicy strict = POLICY.toBuilder().setRefuseWithoutReceipt(true).build();
    assertThat(PolicyCodec.decode(strict).onReceiptLoss()).isEqualTo(OnReceiptLoss.REFUSE);
    assertThat(PolicyCodec.encode(PolicyCodec.decode(strict))).isEqualTo(strict);
  }

  static Stream<Arguments> malformedPolicies() {
    return Stream.of(
        policy("tenant", p -> p.setTenant("Acme")),
        policy("endpoint", p -> p.setEndpoint("")),
        policy("scheme", p -> p.clearScheme()),
        policy("tolerance", p -> p.setTolerance(Duration.newBuilder().setSeconds(601))),
        policy("tolerance", p -> p.setTolerance(Duration.newBuilder().setNanos(-1))),
        policy("tolerance", p -> p.setTolerance(Duration.newBuilder().setSeconds(Long.MAX_VALUE))),
        policy("maxBodyBytes", p -> p.clearMaxBodyBytes()),
        policy("maxBodyBytes", p -> p.setMaxBodyBytes(-1)),
        policy("on_duplicate", p -> p.clearOnDuplicate()),
        policy("on_duplicate", p -> p.setOnDuplicateValue(7)),
        policy("on_store_loss", p -> p.clearOnStoreLoss()),
        policy("client_mtls", p -> p.clearClientMtls()),
        policy("client_mtls", p -> p.setClientMtlsValue(9)),
        policy("client names", p -> p.addClientSans("a.test")),
        policy("client_sans", p -> required(p).addClientSans("*.a.test")),
        policy("client_sans", p -> required(p).addClientSans("A.test")),
        policy("client_spiffe_ids", p -> required(p).addClientSpiffeIds("spiffe://a.test")),
        policy("client_spiffe_ids", p -> required(p).addClientSpiffeIds("https://a.test/x")),
        policy(
            "client names", p -> required(p).addAllClientSans(Collections.nCopies(65, "a.test"))),
        policy("definition", p -> p.setSchemeDefinition("x".repeat(16 * 1024 + 1))),
        policy("topicArns", p -> p.addTopicArns("orders")),
        policy("topicArns", p -> p.addAllTopicArns(Collections.nCopies(17, TOPIC))),
        policy("webhookOrigins", p -> p.addWebhookOrigins("*")),
        policy("handshake_until", p -> p.setHandshakeUntil(Timestamp.newBuilder().setNanos(-1))),
        policy("policy", p -> p.setUnknownFields(unknown())));
  }

  @ParameterizedTest
  @MethodSource("malformedPolicies")
  void malformedPolicy_isRefusedByItsField(String field, Consumer<EndpointPolicy.Builder> change) {
    EndpointPolicy.Builder policy = POLICY.toBuilder();
    change.accept(policy);
    assertThatThrownBy(() -> PolicyCodec.decode(policy.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(field + ": ");
  }

  static Stream<Arguments> malformedKeys() {
    return Stream.of(
        keys("tenant", k -> k.setTenant("a/b")),
        keys("keys.id", k -> k.getKeysBuilder(0).clearId()),
        keys("keys.id", k -> k.getKeysBuilder(0).setId("x".repeat(129))),
        keys("keys.id", k -> k.addKeys(k.getKeys(0))),
        keys("keys.not_before", k -> k.getKeysBuilder(0).clearNotBefore()),
        keys(
            "keys.not_before",
            k -> k.getKeysBuilder(0).setNotBefore(Timestamp.newBuilder().setNanos(-1))),
        keys(
            "keys.not_after", k -> k.getKeysBuilder(0).setNotAfter(Timestamp.getDefaultInstance())),
        keys("keys.secret", k -> k.getKeysBuilder(0).clearSecret()),
        keys(
            "keys.secret",
            k ->
                k.getKeysBuilder(0).setSecret(ByteString.copyFromUtf8("canary".repeat(16 * 1024)))),
        keys("keys", k -> k.getKeysBuilder(0).setUnknownFields(unknown())));
  }

  @ParameterizedTest
  @MethodSource("malformedKeys")
  void malformedKeys_areRefusedByTheirFieldAndKeepTheirSecret(
      String field, Consumer<EndpointKeys.Builder> change) {
    EndpointKeys.Builder keys = KEYS.toBuilder();
    keys.getKeysBuilder(0).setSecret(ByteString.copyFromUtf8("canary"));
    change.accept(keys);
    assertThatThrownBy(() -> PolicyCodec.decode(keys.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(field + ": ")
        .hasMessageNotContaining("canary");
  }

  @Test
  void decodedKey_isACopy() {
    EndpointKeys keys = KEYS;
    var decoded = PolicyCodec.decode(keys);
    decoded.keys().getFirst().secret().close();
    byte[] again = PolicyCodec.decode(keys).keys().getFirst().secret().copy(SecretAccess.granted());
    assertThat(new String(again, UTF_8)).startsWith("not a secret");
  }

  private static EndpointPolicy.Builder required(EndpointPolicy.Builder policy) {
    return policy.setClientMtls(EndpointPolicy.ClientMtls.CLIENT_MTLS_REQUIRED);
  }

  private static Arguments policy(String field, Consumer<EndpointPolicy.Builder> change) {
    return Arguments.of(field, change);
  }

  private static Arguments keys(String field, Consumer<EndpointKeys.Builder> change) {
    return Arguments.of(field, change);
  }

  private static UnknownFieldSet unknown() {
    return UnknownFieldSet.newBuilder()
        .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
        .build();
  }
}
