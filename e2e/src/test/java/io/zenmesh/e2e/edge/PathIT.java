package io.zenmesh.e2e.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.ReceivedRequest;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.fixture.SharedMesh;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(SharedMesh.class)
class PathIT {
  private static final String ZEN = "acme/zen";

  private final RunningMesh running;

  PathIT(RunningMesh running) {
    this.running = running;
  }

  /** Signed as sent: if Envoy routes it at all, what was signed is not what is verified. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "//acme/zen",
        "/acme//zen",
        "/acme/./zen",
        "/acme/x/../zen",
        "/globex/../acme/zen",
        "/..;/acme/zen",
        "/acme/zen;p=1",
        "/acme/zen/",
        "/acme/zen/..;/github",
        "/ACME/zen",
        "/acme%2fzen",
        "/acme%2Fzen",
        "/acme%5czen",
        "/%2e%2e/acme/zen",
        "/acme/%2e%2e/acme/zen",
        "/acme/zen%00",
        "/acme/zen%20",
        "/globex/zen",
        "/acme/../globex/zen",
        "/acme/github",
        "/",
        "*",
        "acme/zen",
        "https://hooks.globex.test/globex/zen"
      })
  void E07_pathInAnotherForm_isRefused(String path) {
    for (Protocol protocol : Protocol.values()) {
      String checkId = CheckSuite.newCheckId();
      WireRequest request =
          running.compose(Draft.correct(ZEN).signedAt(path), running.first(), checkId);

      Outcome outcome =
          running.send(protocol, running.first(), ZEN, request.to(request.authority(), path));

      assertThat(outcome.status())
          .as("%s %s: %s", protocol, path, outcome)
          .isNotEqualTo(Optional.of(200));
      assertThat(running.arrived(checkId)).as("%s %s", protocol, path).isEmpty();
    }
  }

  /** Signed in normal form: Envoy routes, the processor verifies and the target gets one path. */
  @ParameterizedTest
  @ValueSource(strings = {"/acme/zen", "//acme/zen", "/acme/./zen", "/acme/x/../zen"})
  void E07_pathSignedInNormalForm_isOneToAll(String path) throws InterruptedException {
    for (Protocol protocol : Protocol.values()) {
      String checkId = CheckSuite.newCheckId();
      WireRequest request = running.compose(Draft.correct(ZEN), running.first(), checkId);

      Outcome outcome =
          running.send(protocol, running.first(), ZEN, request.to(request.authority(), path));

      assertThat(outcome.status()).as("%s %s: %s", protocol, path, outcome).hasValue(200);
      List<ReceivedRequest> arrived =
          running
              .arrivals()
              .await(seen -> seen.header("x-check-id").contains(checkId), 1, RunningMesh.PATIENCE);
      assertThat(arrived).extracting(ReceivedRequest::path).containsExactly("/acme/zen");
      assertThat(arrived.getFirst().header("x-zen-endpoint")).containsExactly("zen");
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "hooks.acme.test.",
        "hooks.globex.test",
        "hooks.acme.test.evil.test",
        "evil.hooks.acme.test",
        "hooks.acme.test@evil.test",
        "localhost",
        "127.0.0.1"
      })
  void E07_foreignHost_isUnknown(String host) {
    for (Protocol protocol : Protocol.values()) {
      String checkId = CheckSuite.newCheckId();
      WireRequest request =
          running.compose(Draft.correct(ZEN).signedFor(host), running.first(), checkId);

      Outcome outcome =
          running.send(protocol, running.first(), ZEN, request.to(host, request.path()));

      assertThat(outcome.status())
          .as("%s %s: %s", protocol, host, outcome)
          .isNotEqualTo(Optional.of(200));
      assertThat(running.arrived(checkId)).as("%s %s", protocol, host).isEmpty();
    }
  }

  @Test
  void E07_queryIsSigned_changingItIsRefused() throws InterruptedException {
    String checkId = CheckSuite.newCheckId();
    WireRequest signed =
        running.compose(Draft.correct(ZEN).signedAt("/acme/zen?a=1"), running.first(), checkId);

    Outcome changed =
        running.send(
            Protocol.HTTP_2, running.first(), ZEN, signed.to(signed.authority(), "/acme/zen?a=2"));
    Outcome correct =
        running.send(
            Protocol.HTTP_2, running.first(), ZEN, signed.to(signed.authority(), "/acme/zen?a=1"));

    assertThat(changed.status()).hasValue(401);
    assertThat(correct.status()).hasValue(200);
    assertThat(
            running
                .arrivals()
                .await(
                    seen -> seen.header("x-check-id").contains(checkId), 1, RunningMesh.PATIENCE))
        .extracting(ReceivedRequest::path)
        .containsExactly("/acme/zen?a=1");
  }
}
