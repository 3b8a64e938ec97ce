package io.zenmesh.extproc.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
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

  @Test
  void endpointWithoutKeys_isKnownWithoutKeys() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    PreparedEndpoint keyless = active.current().orElseThrow().find(TestMesh.KEYLESS).orElseThrow();
    assertThat(keyless.hasKeys()).isFalse();
  }
}
