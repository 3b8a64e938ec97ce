package io.zenmesh.controlplane.store.gcpkms;

import com.sun.net.httpserver.HttpExchange;
import io.zenmesh.controlplane.store.kms.KmsStandIn;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers as Google Cloud KMS (REST, version 1) and the token endpoint of a service account are
 * documented to. {@code GcpKmsLiveTest} runs the same contract against KMS itself.
 */
public final class FakeGcpKms extends KmsStandIn {
  static final String TOKEN = "ya29.not-a-real-token";
  private static final String PREFIX = "projects/p1/locations/europe-west3/keyRings/r1/cryptoKeys/";

  private final Path credentials;
  private final AtomicInteger changed = new AtomicInteger();
  private final AtomicInteger doubted = new AtomicInteger();
  private volatile String unchecked = "";
  private volatile String state = "ENABLED";
  private volatile String purpose = "ENCRYPT_DECRYPT";
  private volatile String algorithm = "GOOGLE_SYMMETRIC_ENCRYPTION";
  private volatile boolean tokens = true;
  private volatile String seenPlace = "";

  /**
   * @param folder where the file of its service account comes to lie
   */
  public FakeGcpKms(Path folder) {
    super(PREFIX);
    credentials = folder.resolve("gcp-credentials.json");
    try {
      KeyPairGenerator pairs = KeyPairGenerator.getInstance("RSA");
      pairs.initialize(2048);
      String pem =
          "-----BEGIN PRIVATE KEY-----\n"
              + Base64.getMimeEncoder()
                  .encodeToString(pairs.generateKeyPair().getPrivate().getEncoded())
              + "\n-----END PRIVATE KEY-----\n";
      Files.writeString(
          credentials,
          JSON.createObjectNode()
              .put("type", "service_account")
              .put("project_id", "p1")
              .put("client_id", "1")
              .put("client_email", "zen@p1.iam.gserviceaccount.com")
              .put("private_key_id", "1")
              .put("private_key", pem)
              .put("token_uri", endpoint() + "/token")
              .toString());
      Files.setPosixFilePermissions(credentials, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException | NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static String resource(String key) {
    return PREFIX + key;
  }

  /** The key of this name, with others that were current before. */
  public GcpKmsAddress address(String key, String... former) {
    return new GcpKmsAddress(
        resource(key),
        Arrays.stream(former).map(FakeGcpKms::resource).toList(),
        Optional.of(endpoint()),
        Optional.of(credentials));
  }

  Path credentials() {
    return credentials;
  }

  @Override
  public void breakDown(int times) {
    fail(503, "UNAVAILABLE", times);
  }

  /** Sends this many answers with a checksum of something else. */
  void changeAnswers(int times) {
    changed.set(times);
  }

  /** Says this many times that what came has not the checksum that came with it. */
  void doubt(int times) {
    doubted.set(times);
  }

  /** Says that it did not check this, {@code Plaintext} or {@code AdditionalAuthenticatedData}. */
  void leaveUnchecked(String field) {
    unchecked = field;
  }

  /** Its keys' primary versions are in this state. */
  void turn(String versionState) {
    state = versionState;
  }

  /** Its keys are for this. */
  void become(String keyPurpose, String keyAlgorithm) {
    purpose = keyPurpose;
    algorithm = keyAlgorithm;
  }

  /** Whether it hands out tokens. */
  void trust(boolean callers) {
    tokens = callers;
  }

  /** What was sent last to be bound, in base64. */
  String seenPlace() {
    return seenPlace;
  }

  @Override
  protected boolean counts(HttpExchange exchange) {
    return !exchange.getRequestURI().getPath().equals("/token");
  }

  @Override
  protected ObjectNode refusal(int status, String code, String text) {
    ObjectNode refusal = JSON.createObjectNode();
    refusal.putObject("error").put("code", status).put("status", code).put("message", text);
    return refusal;
  }

  @Override
  protected ObjectNode data(HttpExchange exchange, JsonNode asked)
      throws Refused, GeneralSecurityException {
    String path = exchange.getRequestURI().getPath();
    if (path.equals("/token")) {
      if (!tokens) {
        throw new Refused(400, "invalid_grant", "");
      }
      return JSON.createObjectNode()
          .put("access_token", TOKEN)
          .put("expires_in", 3600)
          .put("token_type", "Bearer");
    }
    if (!("Bearer " + TOKEN).equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
      throw new Refused(401, "UNAUTHENTICATED", "");
    }
    String[] parts = path.substring("/v1/".length()).split(":", 2);
    byte[] key = key(parts[0]).orElseThrow(() -> new Refused(404, "NOT_FOUND", "not found."));
    return switch (parts.length == 1 ? "" : parts[1]) {
      case "" -> described(parts[0]);
      case "encrypt" -> wrapped(parts[0], key, asked);
      case "decrypt" -> opened(key, asked);
      default -> throw new Refused(404, "NOT_FOUND", path);
    };
  }

  private ObjectNode described(String name) {
    ObjectNode key = JSON.createObjectNode().put("name", named(name)).put("purpose", purpose);
    key.putObject("primary")
        .put("name", name + "/cryptoKeyVersions/1")
        .put("state", state)
        .put("algorithm", algorithm);
    return key;
  }

  private ObjectNode wrapped(String name, byte[] key, JsonNode asked)
      throws Refused, GeneralSecurityException {
    enabled();
    byte[] clear = checked(asked, "plaintext");
    byte[] sealed = seal(key, clear, place(asked));
    return JSON.createObjectNode()
        .put("name", named(name) + "/cryptoKeyVersions/1")
        .put("ciphertext", Base64.getEncoder().encodeToString(sealed))
        .put("ciphertextCrc32c", sum(sealed))
        .put("verifiedPlaintextCrc32c", !unchecked.equals("Plaintext"))
        .put(
            "verifiedAdditionalAuthenticatedDataCrc32c",
            !unchecked.equals("AdditionalAuthenticatedData"));
  }

  private ObjectNode opened(byte[] key, JsonNode asked) throws Refused {
    enabled();
    byte[] sealed = checked(asked, "ciphertext");
    try {
      byte[] clear = open(key, sealed, place(asked));
      return JSON.createObjectNode()
          .put("plaintext", Base64.getEncoder().encodeToString(clear))
          .put("plaintextCrc32c", sum(clear))
          .put("usedPrimary", true);
    } catch (GeneralSecurityException e) {
      throw new Refused(400, "INVALID_ARGUMENT", "Decryption failed: the ciphertext is invalid.");
    }
  }

  private void enabled() throws Refused {
    if (!state.equals("ENABLED")) {
      throw new Refused(400, "FAILED_PRECONDITION", "is not enabled, current state is: " + state);
    }
  }

  private byte[] place(JsonNode asked) throws Refused {
    seenPlace = asked.path("additionalAuthenticatedData").asString("");
    return checked(asked, "additionalAuthenticatedData");
  }

  private byte[] checked(JsonNode asked, String field) throws Refused {
    byte[] value =
        Base64.getDecoder()
            .decode(asked.path(field).asString("").getBytes(StandardCharsets.US_ASCII));
    boolean doubts = doubted.getAndUpdate(it -> Math.max(0, it - 1)) > 0;
    if (doubts
        || !GcpKmsService.checksum(value).equals(asked.path(field + "Crc32c").asString(""))) {
      throw new Refused(
          400, "INVALID_ARGUMENT", "The checksum in field " + field + "_crc32c did not match");
    }
    return value;
  }

  private String sum(byte[] bytes) {
    boolean changes = changed.getAndUpdate(it -> Math.max(0, it - 1)) > 0;
    return changes ? "1" : GcpKmsService.checksum(bytes);
  }
}
