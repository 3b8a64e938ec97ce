package io.zenmesh.extproc.pipeline;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.MemoryHandshakes;
import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Drives one endpoint through the pipeline, from its head to the effect that answers it. */
final class DoorSteps {
  static final String SECRET = "a-shared-secret";
  static final String VERIFY_TOKEN = "a-verify-token";
  static final int MAX_BODY_BYTES = 4096;
  private static final EndpointRef REF = EndpointRef.parse("acme/hook");

  final HandClock clock = new HandClock(Instant.parse("2026-01-01T00:00:00Z"));
  final ActivePolicies policies =
      new ActivePolicies(
          Catalogue.bundled(),
          problem -> {
            throw new AssertionError(problem);
          },
          new MemoryHandshakes());
  private final Pipeline pipeline = new Pipeline(policies::current, () -> false, clock);
  private String scheme = "";

  /** One endpoint of this scheme, in force. */
  DoorSteps endpoint(String name, boolean enforce, SchemeSettings settings, String... keys) {
    scheme = name;
    EndpointPolicy policy =
        new EndpointPolicy(
            REF,
            name,
            Optional.empty(),
            MAX_BODY_BYTES,
            Optional.empty(),
            OnDuplicate.REFUSE,
            OnStoreLoss.REFUSE,
            enforce,
            settings,
            ClientRequirement.NONE);
    EndpointKeys secrets =
        new EndpointKeys(
            REF,
            List.of(keys).stream()
                .map(text ->
                    new VerificationKey("k1", Instant.EPOCH, Optional.empty(), secret(text)))
                .toList(),
            Optional.of(secret(VERIFY_TOKEN)));
    policies
        .apply(new PolicySet(Map.of(REF, policy), Map.of(REF, secrets)))
        .ifPresent(problem -> {
          throw new AssertionError(problem);
        });
    return this;
  }

  static SecretBytes secret(String text) {
    return SecretBytes.takeOver(text.getBytes(UTF_8));
  }

  /**
   * A request; fields in lower case, pseudo-headers included.
   *
   * @param body empty for none
   */
  record Sent(List<Map.Entry<String, String>> fields, String body) implements ListedHead {
    @Override
    public Optional<String> routeName() {
      return Optional.of(REF.routeName());
    }

    Sent with(String name, String value) {
      List<Map.Entry<String, String>> more = new ArrayList<>(fields);
      more.removeIf(field -> field.getKey().equals(name));
      more.add(Map.entry(name, value));
      return new Sent(more, body);
    }
  }

  static Sent request(String method, String path, String body) {
    return new Sent(
        List.of(
            Map.entry(":method", method),
            Map.entry(":authority", "hooks.acme.test"),
            Map.entry(":path", path)),
        body);
  }

  static Sent post(String body) {
    return request("POST", "/hook", body);
  }

  static Sent get(String query) {
    return request("GET", "/hook" + query, "");
  }

  Sent signed(String body) {
    return signed(body, SECRET);
  }

  Sent signed(String body, String secret) {
    Sent sent = post(body);
    Map<String, String> headers =
        SchemeSigner.sign(
            Catalogue.bundled().find(scheme).orElseThrow(),
            secret(secret),
            new SchemeSigner.Message(
                "POST", "hooks.acme.test", "/hook", ByteBuffer.wrap(body.getBytes(UTF_8))),
            new SchemeSigner.Delivery(clock.instant(), "event-1"));
    for (Map.Entry<String, String> header : headers.entrySet()) {
      sent = sent.with(header.getKey().toLowerCase(Locale.ROOT), header.getValue());
    }
    return sent;
  }

  /** What the request comes to; the secret of a handshake is stored on the way. */
  Effect send(Sent sent) {
    boolean alone = sent.body().isEmpty();
    Transition at = pipeline.step(State.Plain.START, new Event.HeadArrived(sent, alone));
    if (at.effect() instanceof Effect.AskForBody) {
      ByteBuffer body = ByteBuffer.wrap(sent.body().getBytes(UTF_8));
      at = pipeline.step(at.next(), new Event.BodyArrived(body, true));
    }
    if (at.effect() instanceof Effect.StoreSecret(var endpoint, var taken)) {
      boolean stored = policies.take(endpoint.ref(), taken.secret()).toCompletableFuture().join();
      at = pipeline.step(at.next(), new Event.SecretStored(stored));
    }
    return at.effect();
  }

  /** A window that is open now. */
  SchemeSettings handshakeOpen() {
    return new SchemeSettings(
        Optional.empty(),
        List.of(),
        false,
        Optional.of(clock.instant().plus(Duration.ofMinutes(10))),
        List.of());
  }
}
