package io.zenmesh.e2e.control;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.ExtraDocuments;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** An endpoint whose scheme changes between one phase and two while messages come in. */
@ExtendWith(FaultyMesh.class)
class SchemeChangeIT {
  private static final String PATH = "/acme/changing";
  private static final Pattern UNKNOWN =
      Pattern.compile("(?m)^zen_replay_outcome_unknown_total ([0-9.E]+)$");

  private final RunningMesh running;

  SchemeChangeIT(RunningMesh running) {
    this.running = running;
  }

  private static String endpoint(String scheme) {
    return """
    ---
    apiVersion: zenmesh.io/v1alpha1
    kind: Endpoint
    metadata: {name: changing, tenant: acme}
    spec:
      cluster: edge-local
      host: hooks.acme.test
      path: %2$s
      scheme: %1$s
      secretRefs: [%1$s-key]
      destination: %1$s
      onStoreLoss: accept
    """
        .formatted(scheme, PATH);
  }

  @Test
  void messagesDuringAChangeOfPhases_leaveNoClaimWithoutAnOutcome() throws IOException {
    try (ExtraDocuments documents =
        ExtraDocuments.add(running, List.of(), endpoint("zen"), () -> everyNodeAccepts("zen"))) {
      List<Double> before = unknown();
      documents.replace(endpoint("github"), () -> everyNodeAccepts("github"));
      for (Rig.Ingress node : running.rig().ingresses()) {
        WireRequest message = message("github", node);
        assertThat(send(node, message)).hasValue(200);
        // Committed, so it is known as delivered on the other node.
        Rig.Ingress other = running.rig().after(node);
        assertThat(send(other, message)).hasValue(409);
      }
      assertThat(unknown()).isEqualTo(before);
      documents.replace(endpoint("zen"), () -> everyNodeAccepts("zen"));
      assertThat(unknown()).isEqualTo(before);
    }
  }

  private boolean everyNodeAccepts(String scheme) {
    boolean all = true;
    for (Rig.Ingress node : running.rig().ingresses()) {
      all &= send(node, message(scheme, node)).equals(Optional.of(200));
    }
    return all;
  }

  private WireRequest message(String scheme, Rig.Ingress node) {
    WireRequest signed =
        running.compose(
            Draft.correct("acme/" + scheme).signedAt(PATH), node, CheckSuite.newCheckId());
    return signed.to(signed.authority(), PATH);
  }

  private Optional<Integer> send(Rig.Ingress node, WireRequest message) {
    Outcome outcome = running.send(Protocol.HTTP_1, node, "acme/zen", message);
    return outcome.status();
  }

  /** Claims whose outcome was never seen, for each node. */
  private List<Double> unknown() throws IOException {
    List<Double> counts = new ArrayList<>();
    for (Rig.Ingress node : running.rig().ingresses()) {
      Matcher line = UNKNOWN.matcher(running.mesh().processor(node.node()).get("/metrics").body());
      counts.add(line.find() ? Double.parseDouble(line.group(1)) : Double.NaN);
    }
    return counts;
  }
}
