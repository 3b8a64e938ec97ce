package io.zenmesh.e2e.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.ClientTls;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.Signing;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.harness.Eventually;
import io.zenmesh.xds.lint.EnvoyLinter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A stock Envoy with the pasted fragments, and no control plane. */
class OwnEnvoyIT {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final String ORDERS = "orders";

  @TempDir static Path directory;
  private static OwnEnvoy own;

  @BeforeAll
  static void start() throws IOException {
    own = new OwnEnvoy(directory.resolve("own"));
  }

  @AfterAll
  static void stop() {
    own.close();
  }

  @ParameterizedTest
  @CsvSource({
    "zen, hooks.acme.example, /orders, orders, acme",
    "stripe, hooks.acme.example, /payments, mounted/payments, acme",
    "stripe, hooks.acme.example, /payments, mounted/payments-next, acme",
    "github, hooks.globex.example, /builds, builds, globex"
  })
  void goodMessage_arrivesOnce_forgedNever(
      String scheme, String host, String path, String secret, String tenant) throws IOException {
    String id = id();
    WireRequest good = signed(scheme, host, path, own.secret(secret), id);

    Outcome first = send(host, good);
    Outcome again = send(host, good);
    Outcome forged = send(host, good.withBody(ByteString.copyFromUtf8("{\"forged\":1}")));

    assertThat(first.status()).as("%s", first).hasValue(200);
    assertThat(again.status()).as("%s", again).hasValue(409);
    assertThat(forged.status()).as("%s", forged).hasValue(401);
    assertThat(own.target().of(id))
        .singleElement()
        .satisfies(arrival -> {
          // The client said mallory.
          assertThat(arrival.tenant()).containsExactly(tenant);
          assertThat(arrival.verified()).containsExactly("true");
          assertThat(arrival.spoofed()).doesNotContain("mallory");
        });
  }

  @Test
  void E14_thePageAndWhatEnvoyMadeOfIt_haveNoFinding() {
    assertThat(EnvoyLinter.lint(own.started())).isEmpty();
    assertThat(EnvoyLinter.lint(own.configDump())).isEmpty();
  }

  @Test
  void badFile_keepsWhatIsInForce_andSaysWhy() throws IOException {
    own.writeConfig(own.example().replace("scheme: stripe", "scheme: stripes"));

    own.awaitState("the changed file is refused");

    assertThat(own.get("/readyz").statusCode()).isEqualTo(200);
    assertThat(own.get("/readyz").body()).contains("stripes: unknown, did you mean stripe?");
    assertThat(own.processor().output()).contains("did you mean stripe?");
    assertThat(own.get("/metrics").body()).contains("zen_config_loads_total{outcome=\"refused\"}");
    assertThat(status(ORDERS, id())).isEqualTo(200);
    own.writeConfig(own.example());
    own.awaitState("the file is in force");
  }

  @Test
  void newSecretAndNewEndpoint_areTakenUp_andWhatWasAcceptedIsRemembered() throws IOException {
    WireRequest before = signed("zen", "hooks.acme.example", "/orders", own.secret(ORDERS), id());
    assertThat(send("hooks.acme.example", before).status()).hasValue(200);
    Path old = Files.copy(own.secret("mounted/payments"), directory.resolve("old-secret"));

    own.mount("2", "whsec_test_second");

    Eventually.holds("the new secret", PATIENCE, () -> status("mounted/payments", id()) == 200);
    WireRequest withOld = signed("stripe", "hooks.acme.example", "/payments", old, id());
    assertThat(send("hooks.acme.example", withOld).status()).hasValue(401);
    assertThat(send("hooks.acme.example", before).status()).as("after a reload").hasValue(409);
  }

  @Test
  void F01_killedProcessor_letsNothingThrough() throws IOException {
    own.kill();
    String id = id();
    Outcome gone =
        send(
            "hooks.acme.example",
            signed("zen", "hooks.acme.example", "/orders", own.secret(ORDERS), id));

    assertThat(gone.status().orElseThrow()).as("%s", gone).isBetween(500, 599);
    assertThat(own.target().of(id)).isEmpty();
    own.startAgain();
    assertThat(status(ORDERS, id())).isEqualTo(200);
  }

  private static int status(String secret, String id) throws IOException {
    boolean zen = secret.equals(ORDERS);
    return send(
            "hooks.acme.example",
            signed(
                zen ? "zen" : "stripe",
                "hooks.acme.example",
                zen ? "/orders" : "/payments",
                own.secret(secret),
                id))
        .status()
        .orElse(0);
  }

  private static WireRequest signed(String scheme, String host, String path, Path secret, String id)
      throws IOException {
    WireRequest request =
        WireRequest.post(
                host + ":" + own.port(),
                path,
                ByteString.copyFromUtf8("{\"id\":\"" + id + "\"}"),
                List.of(new Field("X-Zen-Tenant", "mallory"), new Field("X-Zen-Key-Id", "mallory")))
            .plus("X-Check-Id", id)
            .plus("Content-Type", "application/json");
    for (Field field : Signing.headers(scheme, secret, request, Clock.systemUTC().instant(), id)) {
      request = request.plus(field.name(), field.value());
    }
    return request;
  }

  private static Outcome send(String host, WireRequest request) throws IOException {
    try (RawHttp1 client = new RawHttp1(ClientTls.trusting(own.roots()), PATIENCE)) {
      return client.send(own.port(), host, request);
    }
  }

  private static String id() {
    return UUID.randomUUID().toString().replace("-", "");
  }
}
