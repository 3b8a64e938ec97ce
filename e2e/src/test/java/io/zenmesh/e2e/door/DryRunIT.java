package io.zenmesh.e2e.door;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.e2e.check.ReceivedRequest;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.door.Door.Endpoint;
import io.zenmesh.e2e.door.Door.Result;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DryRunIT {
  private static final String SECRET = "a-shared-secret-of-a-test";

  @TempDir static Path directory;
  private static Door door;

  @BeforeAll
  static void open() throws IOException {
    door =
        Door.open(
            directory,
            List.of(
                Endpoint.of("enforced", "github", SECRET),
                Endpoint.of("trial", "github", SECRET).inDryRun(),
                Endpoint.of("keyless", "github", SECRET).inDryRun().withKey(Optional.empty())));
  }

  @AfterAll
  static void close() throws IOException {
    door.close();
  }

  @Test
  void E14_forgedMessage_arrivesTagged_onlyWhereTheEndpointIsInDryRun() {
    Result refused =
        door.send(door.signed("enforced", "{}").withBody(door.post("trial", "[]").body()));
    assertThat(refused.status()).isEqualTo(401);
    assertThat(refused.arrived()).isEmpty();

    Result tagged = door.send(door.signed("trial", "{}").withBody(door.post("trial", "[]").body()));
    assertThat(tagged.status()).isEqualTo(200);
    assertTagged(tagged, "refused:signature_mismatch");
  }

  @Test
  void unsignedAndKeylessMessages_arriveTagged() {
    assertTagged(door.send(door.post("trial", "{}")), "refused:signature_missing");
    assertTagged(door.send(door.bare("GET", "trial", "")), "refused:signature_missing");
    assertTagged(door.send(door.signed("keyless", "{}")), "refused:key_unavailable");
  }

  @Test
  void genuineMessage_arrivesTaggedAndAgainEachTime() {
    for (int i = 0; i < 2; i++) {
      assertTagged(door.send(door.signed("trial", "{\"same\":1}")), "verified");
    }
    WireRequest once = door.signed("enforced", "{\"same\":1}");
    assertThat(door.send(once).arrived())
        .singleElement()
        .satisfies(request -> assertThat(request.header("x-zen-verified")).containsExactly("true"))
        .satisfies(request -> assertThat(request.header("x-zen-verdict")).isEmpty());
    assertThat(door.send(once).status()).isEqualTo(409);
  }

  @Test
  void bodyOverTheEndpointsLimit_arrivesTagged_announcedOrNot() {
    String body = "x".repeat(5000);
    assertTagged(door.send(door.signed("trial", body)), "refused:body_too_large");
    assertTagged(
        door.send(door.signed("trial", body).framed(Framing.CHUNKED, List.of())),
        "refused:body_too_large");
    assertThat(door.send(door.signed("enforced", body)).status()).isEqualTo(413);
  }

  @Test
  void E05_clientsOwnVerdict_isReplaced() {
    Result sent =
        door.send(
            door.post("trial", "{}")
                .plus("X-Zen-Verdict", "verified")
                .plus("X-Zen-Verified", "true"));
    assertTagged(sent, "refused:signature_missing");
  }

  private static void assertTagged(Result result, String verdict) {
    assertThat(result.status()).isEqualTo(200);
    assertThat(result.arrived()).hasSize(1);
    ReceivedRequest arrived = result.arrived().getFirst();
    assertThat(arrived.header("x-zen-verdict")).containsExactly(verdict);
    assertThat(arrived.header("x-zen-verified")).isEmpty();
    assertThat(arrived.header("x-zen-tenant")).containsExactly("acme");
    assertThat(arrived.header("x-zen-event-id")).hasSize(1);
  }
}
