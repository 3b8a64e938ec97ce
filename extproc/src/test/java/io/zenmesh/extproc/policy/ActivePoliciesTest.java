package io.zenmesh.extproc.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.fixture.MemoryHandshakes;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivePoliciesTest {
  private final List<String> lines = new ArrayList<>();
  private final ActivePolicies active = new ActivePolicies(Catalogue.bundled(), lines::add);

  @Test
  void current_beforeTheFirstSet_isEmpty() {
    assertThat(active.current()).isEmpty();
  }

  @Test
  void apply_goodSet_replacesTheOneBefore() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    assertThat(active.apply(new PolicySet(Map.of(), Map.of()))).isEmpty();
    PreparedPolicies current = active.current().orElseThrow();
    assertThat(current.generation()).isEqualTo(2);
    assertThat(current.find(TestMesh.ZEN)).isEmpty();
  }

  @Test
  void apply_unknownScheme_isRefusedWholeAndNamesTheEndpoint() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    EndpointRef ref = EndpointRef.parse("acme/odd");
    Map<EndpointRef, EndpointPolicy> policies = new HashMap<>(TestMesh.policies().policies());
    policies.put(
        ref,
        new EndpointPolicy(
            ref,
            "no-such\nscheme",
            Optional.empty(),
            1,
            Optional.empty(),
            EndpointPolicy.OnDuplicate.REFUSE,
            EndpointPolicy.OnStoreLoss.REFUSE));
    assertThat(active.apply(new PolicySet(policies, Map.of())))
        .contains("endpoint acme/odd: scheme: no-such?scheme (expected: a known scheme)");
    assertThat(active.current().orElseThrow().generation()).isEqualTo(1);
    assertThat(active.current().orElseThrow().find("acme/odd")).isEmpty();
  }

  @Test
  void P01_emptyOrUndecodableKey_refusesThatEndpointAndNamesTheKeyNotItsContent() {
    for (String secret : List.of("", "zenk1_canary-that-must-not-show")) {
      lines.clear();
      assertThat(active.apply(with(TestMesh.policies(), keys("orders.7", secret)))).isEmpty();
      assertThat(endpoint(TestMesh.ZEN).hasKeys()).isFalse();
      assertThat(endpoint(TestMesh.GITHUB).hasKeys()).isTrue();
      assertThat(lines).hasSize(1);
      assertThat(lines.getFirst()).contains("acme/zen", "orders.7").doesNotContain("canary");
    }
  }

  @Test
  void apply_schemeWhoseMessagesNameKeys_takesThemFromTheEndpointsSource() {
    List<String> asked = new ArrayList<>();
    KeySources sources =
        (endpoint, places) -> {
          if (places.isAny()) {
            asked.add(endpoint + " " + places.certificateNames().size());
          }
          return KeySource.NONE;
        };
    ActivePolicies fetching =
        new ActivePolicies(Catalogue.bundled(), lines::add, HandshakeSecrets.NONE, sources);
    assertThat(fetching.apply(with(TestMesh.policies(), policy("paypal")))).isEmpty();
    assertThat(asked).containsExactly("acme/zen 2");
  }

  @Test
  void schemeAndSecretChangedTogether_refuseUntilBothAreHereAndThenHeal() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    PolicySet policyFirst = with(TestMesh.policies(), policy("standard-webhooks"));
    assertThat(active.apply(policyFirst)).isEmpty();
    assertThat(endpoint(TestMesh.ZEN).scheme()).isEqualTo("standard-webhooks");
    assertThat(endpoint(TestMesh.ZEN).hasKeys()).isFalse();
    assertThat(endpoint(TestMesh.GITHUB).hasKeys()).isTrue();
    // Said once, not with each set that follows.
    assertThat(active.apply(policyFirst)).isEmpty();
    assertThat(lines).hasSize(1);
    assertThat(
            active.apply(
                with(policyFirst, keys("orders.8", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))))
        .isEmpty();
    assertThat(endpoint(TestMesh.ZEN).hasKeys()).isTrue();
    assertThat(lines).hasSize(1);
  }

  @Test
  void endpointsThatDidNotChange_areNotMadeAgain() {
    PolicySet before = TestMesh.policies();
    assertThat(active.apply(before)).isEmpty();
    PreparedEndpoint zen = endpoint(TestMesh.ZEN);
    PreparedEndpoint github = endpoint(TestMesh.GITHUB);
    PreparedEndpoint keyless = endpoint(TestMesh.KEYLESS);
    PolicySet newKeys =
        with(before, keys("k2", "zenk1_GcsN75b5EtjkjfXDiqRirOqKDKDeAuR0VRXlKhqwx9Y"));
    assertThat(active.apply(newKeys)).isEmpty();
    assertThat(endpoint(TestMesh.GITHUB)).isSameAs(github);
    assertThat(endpoint(TestMesh.KEYLESS)).isSameAs(keyless);
    assertThat(endpoint(TestMesh.ZEN)).isNotSameAs(zen);
    assertThat(active.apply(with(newKeys, policy("github")))).isEmpty();
    assertThat(endpoint(TestMesh.ZEN).scheme()).isEqualTo("github");
    assertThat(endpoint(TestMesh.GITHUB)).isSameAs(github);
  }

  private PreparedEndpoint endpoint(String routeName) {
    return active.current().orElseThrow().find(routeName).orElseThrow();
  }

  private static EndpointKeys keys(String id, String secret) {
    return new EndpointKeys(
        EndpointRef.parse(TestMesh.ZEN),
        List.of(
            new VerificationKey(
                id,
                Instant.EPOCH,
                Optional.empty(),
                SecretBytes.takeOver(secret.getBytes(StandardCharsets.UTF_8)))));
  }

  private static EndpointPolicy policy(String scheme) {
    return new EndpointPolicy(
        EndpointRef.parse(TestMesh.ZEN),
        scheme,
        Optional.empty(),
        1,
        Optional.empty(),
        EndpointPolicy.OnDuplicate.REFUSE,
        EndpointPolicy.OnStoreLoss.REFUSE);
  }

  private static PolicySet with(PolicySet before, EndpointKeys changed) {
    Map<EndpointRef, EndpointKeys> keys = new HashMap<>(before.keys());
    keys.put(changed.ref(), changed);
    return new PolicySet(before.policies(), keys);
  }

  private static PolicySet with(PolicySet before, EndpointPolicy changed) {
    Map<EndpointRef, EndpointPolicy> policies = new HashMap<>(before.policies());
    policies.put(changed.ref(), changed);
    return new PolicySet(policies, before.keys());
  }

  private static final String OWN =
      """
      name: orders
      title: Orders of Acme
      docs: https://acme.test/webhooks
      weak: false
      signature:
        header: X-Acme-Signature
        form: plain
        algorithm: hmac-sha256
        encoding: hex
        key: text
      content: "{timestamp}|{body}"
      timestamp: {header: X-Acme-Time, unit: seconds, tolerance: 60s}
      replay: {by: signed-content, window: {tolerances: 2, plus: 60s}}
      """;

  private static EndpointPolicy policy(String name, String scheme, SchemeSettings settings) {
    return new EndpointPolicy(
        EndpointRef.parse(name),
        scheme,
        Optional.empty(),
        1,
        Optional.empty(),
        EndpointPolicy.OnDuplicate.REFUSE,
        EndpointPolicy.OnStoreLoss.REFUSE,
        true,
        settings,
        ClientRequirement.NONE);
  }

  private static SchemeSettings own(String definition) {
    return new SchemeSettings(Optional.of(definition), List.of(), false);
  }

  @Test
  void ownScheme_isUsed_andCountedUnderOneLabel() {
    assertThat(active.apply(with(TestMesh.policies(), policy(TestMesh.ZEN, "orders", own(OWN)))))
        .isEmpty();
    assertThat(endpoint(TestMesh.ZEN).verifier().scheme().name()).isEqualTo("orders");
    assertThat(endpoint(TestMesh.ZEN).scheme()).isEqualTo("own");
  }

  @Test
  void ownScheme_thatShadowsTheCatalogue_isRefusedWhole() {
    SchemeSettings shadow = own(OWN.replace("name: orders", "name: github"));
    assertThat(active.apply(with(TestMesh.policies(), policy(TestMesh.ZEN, "github", shadow))))
        .hasValueSatisfying(problem ->
            assertThat(problem)
                .contains("acme/zen: definition: ", "a name that the catalogue does not have"));
    assertThat(active.current()).isEmpty();
  }

  @Test
  void ownSchemes_areLimitedPerTenant() {
    Map<EndpointRef, EndpointPolicy> policies = new HashMap<>();
    for (int i = 0; i < 65; i++) {
      EndpointPolicy policy = policy("acme/e" + i, "orders", own(OWN));
      policies.put(policy.ref(), policy);
    }
    assertThat(active.apply(new PolicySet(policies, Map.of())))
        .contains("tenant acme: 65 endpoints with a scheme of their own (expected: at most 64)");
    policies.remove(EndpointRef.parse("acme/e0"));
    assertThat(active.apply(new PolicySet(policies, Map.of()))).isEmpty();
  }

  @Test
  void topics_areKeysOfSnsOnly() {
    SchemeSettings topics =
        new SchemeSettings(
            Optional.empty(), List.of("arn:aws:sns:eu-west-1:123456789012:orders"), true);
    PolicySet sns =
        new PolicySet(
            Map.of(EndpointRef.parse(TestMesh.ZEN), policy(TestMesh.ZEN, "aws-sns", topics)),
            Map.of());
    assertThat(active.apply(sns)).isEmpty();
    assertThat(endpoint(TestMesh.ZEN).hasKeys()).isTrue();
    assertThat(active.apply(with(sns, policy(TestMesh.ZEN, "github", topics))))
        .hasValueSatisfying(problem -> assertThat(problem).contains("topicArns: given"));
  }

  @Test
  void autoConfirmOfAnOwnScheme_isRefused() {
    SchemeSettings settings = new SchemeSettings(Optional.of(OWN), List.of(), true);
    assertThat(active.apply(with(TestMesh.policies(), policy(TestMesh.ZEN, "orders", settings))))
        .hasValueSatisfying(problem -> assertThat(problem).contains("autoConfirm: true"));
  }

  @Test
  void handedOverSecret_isAKeyAtOnce_andForEachProcessorThatSharesTheStore() {
    MemoryHandshakes handshakes = new MemoryHandshakes();
    ActivePolicies one = new ActivePolicies(Catalogue.bundled(), lines::add, handshakes);
    ActivePolicies other = new ActivePolicies(Catalogue.bundled(), lines::add, handshakes);
    EndpointPolicy asana = policy("acme/asana", "asana", SchemeSettings.NONE);
    PolicySet set = new PolicySet(Map.of(asana.ref(), asana), Map.of());
    assertThat(one.apply(set)).isEmpty();
    assertThat(other.apply(set)).isEmpty();
    SecretBytes secret = SecretBytes.takeOver("0123456789abcdef".getBytes(StandardCharsets.UTF_8));
    assertThat(one.take(asana.ref(), secret).toCompletableFuture().join()).isTrue();
    assertThat(one.take(asana.ref(), secret).toCompletableFuture().join()).isFalse();
    assertThat(one.current().orElseThrow().find("acme/asana").orElseThrow().hasKeys()).isTrue();
    assertThat(other.apply(set)).isEmpty();
    assertThat(other.current().orElseThrow().find("acme/asana").orElseThrow().hasKeys()).isTrue();
  }

  @Test
  void endpointWithoutKeys_isKnownWithoutKeys() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    PreparedEndpoint keyless = active.current().orElseThrow().find(TestMesh.KEYLESS).orElseThrow();
    assertThat(keyless.hasKeys()).isFalse();
  }
}
