package io.zenmesh.controlplane.store.awskms;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers as AWS KMS is documented to ({@code TrentService}, AWS JSON 1.1): for the faults that a
 * real one does not show on demand. While it is open, the SDK finds credentials in the system
 * properties. {@code AwsKmsLiveTest} runs the same contract there.
 */
public final class FakeAwsKms implements AutoCloseable {
  static final String USER = "AKIAEXAMPLE";
  private static final String SECRET = "not-a-real-secret";
  private static final String PREFIX = "arn:aws:kms:eu-central-1:111122223333:key/";
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, byte[]> keys = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String failing = "";
  private volatile int status;
  private volatile long delayMillis;
  private volatile boolean ignoresContext;
  private volatile boolean garbage;
  private volatile boolean enabled = true;
  private volatile String spec = "SYMMETRIC_DEFAULT";
  private volatile String usage = "ENCRYPT_DECRYPT";
  private volatile String namesKey = "";
  private volatile String blobsAre = "InvalidCiphertextException";
  private volatile String refuses = "";
  private volatile String why = "";
  private volatile String seenContext = "";

  public FakeAwsKms() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(calls);
    server.createContext("/", this::answer);
    server.start();
    for (String name : List.of("zen", "other")) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      keys.put(arn(name), key);
    }
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

  URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** The key of this name, with others that were current before. */
  public AwsKmsAddress address(String key, String... former) {
    return new AwsKmsAddress(
        arn(key), Arrays.stream(former).map(FakeAwsKms::arn).toList(), Optional.of(endpoint()));
  }

  /** How often it was asked. */
  public int asked() {
    return asked.get();
  }

  /** Answers this many times with an error, then well again. */
  public void fail(int with, String code, int times) {
    status = with;
    failing = code;
    failures.set(times);
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

  void delay(long millis) {
    delayMillis = millis;
  }

  void ignoreContext() {
    ignoresContext = true;
  }

  void talkGarbage() {
    garbage = true;
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

  /** Says that it used this key. */
  void name(String arn) {
    namesKey = arn;
  }

  /** The encryption context that was sent last. */
  String seenContext() {
    return seenContext;
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;

    Refused(String code) {
      super(code);
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    byte[] body = exchange.getRequestBody().readAllBytes();
    String target =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("X-Amz-Target")).orElse("");
    String signed =
        Optional.ofNullable(exchange.getRequestHeaders().getFirst("Authorization")).orElse("");
    int code = 200;
    String answer;
    try {
      Thread.sleep(delayMillis);
      if (failures.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
        code = status;
        throw new Refused(failing);
      }
      code = 400;
      if (!signed.startsWith("AWS4-HMAC-SHA256 Credential=" + USER + "/")
          || !signed.contains("/eu-central-1/kms/")) {
        throw new Refused("UnrecognizedClientException");
      }
      if (target.equals("TrentService." + refuses)) {
        throw new Refused("AccessDeniedException");
      }
      answer = data(target, JSON.readTree(body)).toString();
      code = 200;
    } catch (Refused e) {
      ObjectNode refusal = JSON.createObjectNode().put("__type", e.getMessage());
      answer = (why.isEmpty() ? refusal : refusal.put("message", why)).toString();
    } catch (InterruptedException | GeneralSecurityException e) {
      code = 500;
      answer = "";
    }
    byte[] out = (garbage ? "<html>" : answer).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/x-amz-json-1.1");
    exchange.sendResponseHeaders(code, out.length == 0 ? -1 : out.length);
    exchange.getResponseBody().write(out);
    exchange.close();
  }

  private ObjectNode data(String target, JsonNode asked) throws Refused, GeneralSecurityException {
    String arn = asked.path("KeyId").asString("");
    byte[] key =
        Optional.ofNullable(keys.get(arn)).orElseThrow(() -> new Refused("NotFoundException"));
    ObjectNode answer = JSON.createObjectNode().put("KeyId", namesKey.isEmpty() ? arn : namesKey);
    switch (target) {
      case "TrentService.DescribeKey" ->
          answer
              .putObject("KeyMetadata")
              .put("Arn", namesKey.isEmpty() ? arn : namesKey)
              .put("KeyId", arn)
              .put("Enabled", enabled)
              .put("KeyUsage", usage)
              .put("KeySpec", spec);
      case "TrentService.Encrypt" -> {
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        byte[] sealed =
            cipher(Cipher.ENCRYPT_MODE, key, nonce, asked).doFinal(base64(asked, "Plaintext"));
        byte[] whole = Arrays.copyOf(nonce, nonce.length + sealed.length);
        System.arraycopy(sealed, 0, whole, nonce.length, sealed.length);
        answer.put("CiphertextBlob", Base64.getEncoder().encodeToString(whole));
      }
      case "TrentService.Decrypt" -> answer.put("Plaintext", opened(key, asked));
      default -> throw new Refused("UnknownOperationException");
    }
    return answer;
  }

  private String opened(byte[] key, JsonNode asked) throws Refused {
    byte[] whole = base64(asked, "CiphertextBlob");
    try {
      byte[] clear =
          cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(whole, 12), asked)
              .doFinal(whole, 12, whole.length - 12);
      return Base64.getEncoder().encodeToString(clear);
    } catch (GeneralSecurityException e) {
      throw new Refused(blobsAre);
    }
  }

  private Cipher cipher(int mode, byte[] key, byte[] nonce, JsonNode asked)
      throws GeneralSecurityException {
    Map<String, String> context = new TreeMap<>();
    asked
        .path("EncryptionContext")
        .properties()
        .forEach(it -> context.put(it.getKey(), it.getValue().asString()));
    seenContext = context.toString();
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    if (!ignoresContext) {
      cipher.updateAAD(seenContext.getBytes(StandardCharsets.UTF_8));
    }
    return cipher;
  }

  private static byte[] base64(JsonNode asked, String field) {
    return Base64.getDecoder().decode(asked.path(field).asString(""));
  }

  @Override
  public void close() {
    credentials(false);
    server.stop(0);
    calls.shutdownNow();
  }
}
