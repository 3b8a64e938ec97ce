package io.zenmesh.extproc.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.extproc.fixture.TestMesh;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ActivePoliciesTest {
  private final ActivePolicies active = new ActivePolicies(Catalogue.bundled());

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
  void P01_emptyOrUndecodableKey_isRefusedAndNamesTheKeyNotItsContent() {
    EndpointRef ref = EndpointRef.parse(TestMesh.ZEN);
    for (String secret : List.of("", "zenk1_canary-that-must-not-show")) {
      EndpointKeys bad =
          new EndpointKeys(
              ref,
              List.of(
                  new VerificationKey(
                      "orders.7",
                      Instant.EPOCH,
                      Optional.empty(),
                      SecretBytes.takeOver(secret.getBytes(StandardCharsets.UTF_8)))));
      Map<EndpointRef, EndpointKeys> keys = new HashMap<>(TestMesh.policies().keys());
      keys.put(ref, bad);
      Optional<String> problem = active.apply(new PolicySet(TestMesh.policies().policies(), keys));
      assertThat(problem)
          .get()
          .asString()
          .contains("acme/zen", "orders.7")
          .doesNotContain("canary");
      assertThat(active.current()).isEmpty();
    }
  }

  @Test
  void endpointWithoutKeys_isKnownWithoutKeys() {
    assertThat(active.apply(TestMesh.policies())).isEmpty();
    PreparedEndpoint keyless = active.current().orElseThrow().find(TestMesh.KEYLESS).orElseThrow();
    assertThat(keyless.hasKeys()).isFalse();
  }
}
