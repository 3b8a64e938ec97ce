package io.zenmesh.controlplane.store.awskms;

import com.sun.net.httpserver.HttpExchange;
import io.zenmesh.controlplane.store.kms.KmsStandIn;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers as AWS KMS is documented to ({@code TrentService}, AWS JSON 1.1). While it is open, the
 * SDK finds credentials in the system properties. {@code AwsKmsLiveTest} runs the same contract
 * against KMS itself.
 */
public final class FakeAwsKms extends KmsStandIn {
  static final String USER = "AKIAEXAMPLE";
  private static final String SECRET = "not-a-real-secret";
  private static final String PREFIX = "arn:aws:kms:eu-central-1:111122223333:key/";

  private volatile boolean enabled = true;
  private volatile String spec = "SYMMETRIC_DEFAULT";
  private volatile String usage = "ENCRYPT_DECRYPT";
  private volatile String blobsAre = "InvalidCiphertextException";
  private volatile String refuses = "";
  private volatile String why = "";
  private volatile String seenContext = "";

  public FakeAwsKms() {
    super(PREFIX);
    credentials(true);
  }

  /** Whether the SDK's default chain finds credentials. */
  static void credentials(boolean there) {
    property("aws.accessKeyId", there ? USER : "");
    property("aws.secretAccessKey", there ? SECRET : "");
  }

  private static void property(String name, String value) {
    if (value.isEmpty()) {
      System.clearProperty(name);
    } else {
      System.setProperty(name, value);
    }
  }

  static String arn(String key) {
    return PREFIX + key;
  }

  /** The key of this name, with others that were current before. */
  public AwsKmsAddress address(String key, String... former) {
    return new AwsKmsAddress(
        arn(key), Arrays.stream(former).map(FakeAwsKms::arn).toList(), Optional.of(endpoint()));
  }

  @Override
  public void breakDown(int times) {
    fail(503, "KMSInternalException", times);
  }

  /** Answers with this code, and no text, to a ciphertext that does not open. */
  void tellBrokenBlobsBy(String code) {
    blobsAre = code;
  }

  /**
   * Refuses one operation from now on.
   *
   * @param operation {@code Encrypt} or {@code Decrypt}; none for an empty one
   * @param text what it says beside {@code AccessDeniedException}; nothing for an empty one
   */
  void refuse(String operation, String text) {
    refuses = operation;
    why = text;
  }

  void enable(boolean keys) {
    enabled = keys;
  }

  void become(String keySpec) {
    spec = keySpec;
  }

  /** Its keys are for this from now on. */
  void serve(String keyUsage) {
    usage = keyUsage;
  }

  /** The encryption context that was sent last. */
  String seenContext() {
    return seenContext;
  }

  @Override
  protected ObjectNode refusal(int status, String code, String text) {
    ObjectNode refusal = JSON.createObjectNode().put("__type", code);
    return text.isEmpty() ? refusal : refusal.put("message", text);
  }

  @Override
  protected ObjectNode data(HttpExchange exchange, JsonNode asked)
      throws Refused, GeneralSecurityException {
    String target = header(exchange, "X-Amz-Target");
    String signed = header(exchange, "Authorization");
    if (!signed.startsWith("AWS4-HMAC-SHA256 Credential=" + USER + "/")
        || !signed.contains("/eu-central-1/kms/")) {
      throw new Refused(400, "UnrecognizedClientException", "");
    }
    if (target.equals("TrentService." + refuses)) {
      throw new Refused(400, "AccessDeniedException", why);
    }
    String arn = asked.path("KeyId").asString("");
    byte[] key = key(arn).orElseThrow(() -> new Refused(400, "NotFoundException", ""));
    ObjectNode answer = JSON.createObjectNode().put("KeyId", named(arn));
    switch (target) {
      case "TrentService.DescribeKey" ->
          answer
              .putObject("KeyMetadata")
              .put("Arn", named(arn))
              .put("KeyId", arn)
              .put("Enabled", enabled)
              .put("KeyUsage", usage)
              .put("KeySpec", spec);
      case "TrentService.Encrypt" ->
          answer.put("CiphertextBlob", text(seal(key, base64(asked, "Plaintext"), context(asked))));
      case "TrentService.Decrypt" -> answer.put("Plaintext", text(opened(key, asked)));
      default -> throw new Refused(400, "UnknownOperationException", "");
    }
    return answer;
  }

  private static String header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name)).orElse("");
  }

  private byte[] opened(byte[] key, JsonNode asked) throws Refused {
    try {
      return open(key, base64(asked, "CiphertextBlob"), context(asked));
    } catch (GeneralSecurityException e) {
      throw new Refused(400, blobsAre, "");
    }
  }

  private byte[] context(JsonNode asked) {
    Map<String, String> context = new TreeMap<>();
    asked
        .path("EncryptionContext")
        .properties()
        .forEach(it -> context.put(it.getKey(), it.getValue().asString()));
    seenContext = context.toString();
    return seenContext.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] base64(JsonNode asked, String field) {
    return Base64.getDecoder().decode(asked.path(field).asString(""));
  }

  private static String text(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  @Override
  public void close() {
    credentials(false);
    super.close();
  }
}
