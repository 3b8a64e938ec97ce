package io.zenmesh.e2e.control;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.Eventually;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(FaultyMesh.class)
class MeshApplyIT {
  private static final Duration APPLIED = Duration.ofSeconds(20);
  private static final String ZEN = "acme/zen";
  private static final String NEW_ENDPOINT =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: zen-too, tenant: acme}
      spec:
        cluster: edge-local
        host: hooks.acme.test
        path: /acme/zen-too
        scheme: zen
        secretRefs: [zen-key]
        destination: zen
      """;
  private static final String MALFORMED =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: broken, tenant: acme}
      spec:
        cluster: edge-local
        host: hooks.acme.test
        path: no-slash
        scheme: rot13
        secretRefs: [no-such-key]
        destination: nowhere
        tolerance: 9000s
      """;

  private static final String TRIAL =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: trial, tenant: acme}
      spec:
        cluster: edge-local
        host: hooks.acme.test
        path: /acme/trial
        scheme: acme-orders
        secretRefs: [zen-key]
        destination: zen
        enforce: false
        schemeDefinition: |
          name: acme-orders
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

  private final RunningMesh running;
  private final Path meshFile;
  private String before = "";

  MeshApplyIT(RunningMesh running) {
    this.running = running;
    this.meshFile = running.state().meshFile();
  }

  @BeforeEach
  void remember() throws IOException {
    before = Files.readString(meshFile);
  }

  @AfterEach
  void restore() throws IOException {
    write(before);
    awaitStatus("/acme/zen", 200);
  }

  @Test
  void malformedFile_whileRunning_namesEveryProblemAndChangesNothing() throws IOException {
    write(before + MALFORMED + NEW_ENDPOINT);

    String log =
        running
            .mesh()
            .controlPlane()
            .process()
            .await(
                "all problems in the log",
                APPLIED,
                () -> {
                  String output = running.mesh().controlPlane().process().output();
                  return output.contains("9000s")
                      ? Eventually.Found.value(output)
                      : Eventually.Found.instead("no word of it");
                });

    assertThat(log).contains("spec.scheme", "no-slash", "spec.secretRefs[0]", "nowhere", "9000s");
    assertThat(log).contains("expected");
    assertThat(status("/acme/zen")).hasValue(200);
    assertThat(status("/acme/zen-too")).as("the sound document beside it").hasValue(404);
  }

  @Test
  void newEndpoint_becomesReachable_andGoesAgain() throws IOException {
    assertThat(status("/acme/zen-too")).hasValue(404);

    write(before + NEW_ENDPOINT);
    awaitStatus("/acme/zen-too", 200);
    write(before);
    awaitStatus("/acme/zen-too", 404);

    assertThat(status("/acme/zen")).hasValue(200);
  }

  @Test
  void dryRunWithAnOwnScheme_reachesEveryNode_andCanBeEnforced() throws IOException {
    Rig.Ingress ingress = running.first();
    WireRequest forged =
        WireRequest.post(
            "hooks.acme.test:" + ingress.port(),
            "/acme/trial",
            ByteString.copyFromUtf8("{}"),
            List.of(
                new Field("X-Acme-Time", Long.toString(Clock.systemUTC().millis() / 1000)),
                new Field("X-Acme-Signature", "00".repeat(32))));
    write(before + TRIAL);
    Eventually.holds(
        "a forged message arrives tagged",
        APPLIED,
        () ->
            running.send(Protocol.HTTP_1, ingress, ZEN, forged).status().equals(Optional.of(200)));
    assertThat(
            running
                .arrivals()
                .matching(request ->
                    request.header("x-zen-verdict").equals(List.of("refused:signature_mismatch"))
                        && request.header("x-zen-endpoint").equals(List.of("trial"))))
        .isNotEmpty()
        .allSatisfy(request -> assertThat(request.header("x-zen-verified")).isEmpty());
    assertThat(status("/acme/zen")).as("an enforced one beside it").hasValue(200);

    write(before + TRIAL.replace("enforce: false", "enforce: true"));
    Eventually.holds(
        "the same is refused",
        APPLIED,
        () ->
            running.send(Protocol.HTTP_1, ingress, ZEN, forged).status().equals(Optional.of(401)));
  }

  private void awaitStatus(String path, int wanted) {
    for (Rig.Ingress ingress : running.rig().ingresses()) {
      Eventually.holds(
          path + " answers " + wanted + " on " + ingress.node(),
          APPLIED,
          () -> status(ingress, path).equals(Optional.of(wanted)));
    }
  }

  private Optional<Integer> status(String path) {
    return status(running.first(), path);
  }

  private Optional<Integer> status(Rig.Ingress ingress, String path) {
    WireRequest signed =
        running.compose(Draft.correct(ZEN).signedAt(path), ingress, CheckSuite.newCheckId());
    Outcome outcome =
        running.send(Protocol.HTTP_1, ingress, ZEN, signed.to(signed.authority(), path));
    return outcome.status();
  }

  /** In one step, as editors and configuration tools do: a reader never sees half of it. */
  private void write(String documents) throws IOException {
    Path draft = meshFile.resolveSibling("mesh.yaml.draft");
    Files.writeString(draft, documents);
    Files.move(
        draft, meshFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
