package io.zenmesh.e2e.provider;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.google.protobuf.ByteString;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.Draft;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.Protocol;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.fixture.FaultyMesh;
import io.zenmesh.e2e.fixture.RunningMesh;
import io.zenmesh.e2e.harness.Eventually;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.JsonNode;

/**
 * A thousand random messages of each provider's own library are accepted through Envoy, and each of
 * them with one bit changed, in the body or in the signature, is refused.
 */
@Tag("slow")
@ExtendWith(FaultyMesh.class)
class ProviderSdkIT {
  private static final int MESSAGES = 1_000;
  private static final Duration APPLIED = Duration.ofSeconds(30);
  private static final String HOST = "hooks.acme.test";

  /** The schemes that the demo set lacks, with secrets that it has. */
  private static final String MORE =
      """
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: svix, tenant: acme}
      spec:
        cluster: edge-local
        host: hooks.acme.test
        path: /acme/svix
        scheme: svix
        secretRefs: [standard-key]
        destination: standard
      ---
      apiVersion: zenmesh.io/v1alpha1
      kind: Endpoint
      metadata: {name: twilio, tenant: acme}
      spec:
        cluster: edge-local
        host: hooks.acme.test
        path: /acme/twilio
        scheme: twilio
        secretRefs: [github-key]
        destination: github
        onStoreLoss: accept
      """;

  /** A library, where its messages go, and which secret of the demo set it signs with. */
  enum Sdk {
    STRIPE("stripe", "stripe", "Stripe-Signature"),
    SVIX("svix", "standard", "svix-signature"),
    STANDARDWEBHOOKS("standard", "standard", "webhook-signature"),
    OCTOKIT("github", "github", "X-Hub-Signature-256"),
    TWILIO("twilio", "github", "X-Twilio-Signature");

    private final String endpoint;
    private final String secret;
    private final String header;

    Sdk(String endpoint, String secret, String header) {
      this.endpoint = endpoint;
      this.secret = secret;
      this.header = header;
    }
  }

  private final RunningMesh running;
  private final Path meshFile;
  private String before = "";

  ProviderSdkIT(RunningMesh running) {
    this.running = running;
    this.meshFile = running.state().meshFile();
  }

  @BeforeEach
  void addEndpoints() throws IOException {
    before = Files.readString(meshFile);
    write(before + MORE);
    for (String path : List.of("/acme/svix", "/acme/twilio")) {
      Eventually.holds(
          path + " is there",
          APPLIED,
          () -> send(unsigned(path)).status().filter(status -> status == 401).isPresent());
    }
    Eventually.holds(
        "times after the store's start count",
        APPLIED,
        () -> send(zen()).status().filter(status -> status == 200).isPresent());
  }

  @AfterEach
  void removeEndpoints() throws IOException {
    write(before);
    Eventually.holds(
        "the endpoints are gone",
        APPLIED,
        () -> send(unsigned("/acme/svix")).status().filter(status -> status == 404).isPresent());
  }

  @ParameterizedTest
  @EnumSource(Sdk.class)
  void sdk_itsMessages_areAcceptedAndWithOneBitChangedRefused(Sdk sdk)
      throws IOException, InterruptedException {
    ProviderSdks sdks;
    try {
      sdks = ProviderSdks.open();
    } catch (ProviderSdks.NotAvailable e) {
      abort(
          sdk
              + ": "
              + MESSAGES
              + " messages not tried, the library is not here: "
              + e.getMessage());
      return;
    }
    List<SdkMessage> messages = messages(sdk);
    List<JsonNode> signed = sdks.sign(messages.stream().map(SdkMessage::toJson).toList());
    assertThat(signed).hasSize(MESSAGES);
    List<WireRequest> requests = new ArrayList<>();
    for (int i = 0; i < MESSAGES; i++) {
      requests.add(request(messages.get(i), signed.get(i)));
    }

    long mark = running.arrivals().total();
    Random random = new Random(7);
    List<WireRequest> changed = requests.stream().map(r -> changed(sdk, r, random)).toList();
    Map<String, Long> refused = outcomes(changed);
    assertThat(refused.keySet())
        .as("%s", refused)
        .doesNotContain("200")
        .allMatch(k -> !k.startsWith("403"));
    assertThat(refused.keySet()).allMatch(key -> key.matches("(400|401) .*"));
    assertThat(running.arrivals().total()).as("at the target").isEqualTo(mark);

    Map<String, Long> accepted = outcomes(requests);
    System.out.printf("%s: accepted %s, with one bit changed %s%n", sdk, accepted, refused);
    assertThat(accepted).containsExactly(Map.entry("200 -", (long) MESSAGES));
    assertThat(running.arrivals().total()).as("at the target").isEqualTo(mark + MESSAGES);
  }

  private List<SdkMessage> messages(Sdk sdk) throws IOException {
    String secret =
        Files.readString(running.state().secrets().resolve("acme-" + sdk.secret + ".key")).strip();
    String url = "https://" + authority() + "/acme/" + sdk.endpoint;
    Random random = new Random(sdk.ordinal());
    long seconds = Clock.systemUTC().instant().getEpochSecond();
    return IntStream.range(0, MESSAGES)
        .mapToObj(i ->
            SdkMessage.random(
                sdk.name().toLowerCase(java.util.Locale.ROOT), secret, url, i, seconds, random))
        .toList();
  }

  private static WireRequest request(SdkMessage message, JsonNode signed) {
    URI url = URI.create(signed.path("url").asString(""));
    String path = url.getRawPath() + (url.getRawQuery() == null ? "" : "?" + url.getRawQuery());
    WireRequest request =
        WireRequest.post(
                url.getRawAuthority(),
                path,
                ByteString.copyFrom(message.body(), StandardCharsets.UTF_8),
                List.of())
            .plus("Content-Type", message.contentType());
    for (Map.Entry<String, JsonNode> header : signed.path("headers").properties()) {
      request = request.plus(header.getKey(), header.getValue().asString(""));
    }
    return request;
  }

  private WireRequest changed(Sdk sdk, WireRequest request, Random random) {
    String signature = Field.values(request.headers(), sdk.header).getFirst();
    for (int tries = random.nextBoolean() ? 100 : 0; tries > 0; tries--) {
      // Only such flips that leave a header's character: others are not ours to refuse.
      int at = signature.length() - 1 - random.nextInt(20);
      char flipped = (char) (signature.charAt(at) ^ 1 << random.nextInt(7));
      if (flipped > ' ' && flipped <= '~') {
        String other = signature.substring(0, at) + flipped + signature.substring(at + 1);
        return request.without(sdk.header).plus(sdk.header, other);
      }
    }
    byte[] body = request.body().toByteArray();
    // Twilio signs what a form says: %c3 is %C3, so that not every bit of its spelling is signed.
    int bit = sdk == Sdk.TWILIO ? 0 : random.nextInt(8);
    body[random.nextInt(body.length)] ^= (byte) (1 << bit);
    return request.withBody(ByteString.copyFrom(body));
  }

  private Map<String, Long> outcomes(List<WireRequest> requests) {
    Map<String, Long> outcomes = new TreeMap<>();
    requests.parallelStream()
        .map(this::send)
        .map(outcome ->
            outcome.status().map(String::valueOf).orElse(outcome.toString())
                + " "
                + outcome.problemCode().orElse("-"))
        .toList()
        .forEach(key -> outcomes.merge(key, 1L, Long::sum));
    return outcomes;
  }

  private Outcome send(WireRequest request) {
    return running.send(Protocol.HTTP_1, running.first(), "acme/zen", request);
  }

  private WireRequest zen() {
    return running.compose(Draft.correct("acme/zen"), running.first(), CheckSuite.newCheckId());
  }

  private WireRequest unsigned(String path) {
    return WireRequest.post(authority(), path, ByteString.copyFromUtf8("{}"), List.of());
  }

  private String authority() {
    return HOST + ":" + running.first().port();
  }

  private void write(String documents) throws IOException {
    Path draft = meshFile.resolveSibling("mesh.yaml.draft");
    Files.writeString(draft, documents);
    Files.move(
        draft, meshFile, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
