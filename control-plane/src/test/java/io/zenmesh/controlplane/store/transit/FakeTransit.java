package io.zenmesh.controlplane.store.transit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Clock;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
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
 * Answers over HTTPS as a transit engine is documented to: for the faults that a real one does not
 * show on demand. {@code OpenBaoTest} runs the same contract against a real one.
 */
public final class FakeTransit implements AutoCloseable {
  static final String TOKEN = "s.test-token";
  private static final JsonMapper JSON = new JsonMapper();

  private final HttpsServer server;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final SecureRandom random = new SecureRandom();
  private final Path folder;
  private final Map<String, TreeMap<Integer, byte[]>> keys = new TreeMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private volatile int failing;
  private volatile int failures;
  private volatile long delayMillis;
  private volatile boolean ignoresAssociatedData;
  private volatile boolean exportable;
  private volatile boolean away;
  private volatile int answersUnder;
  private volatile int padding;
  private volatile long stallMillis;

  public FakeTransit(Path folder) {
    this.folder = folder;
    try {
      DevPki pki = DevPki.openOrCreate(folder.resolve("kms-pki"), "kms.test", Clock.systemUTC());
      Files.writeString(folder.resolve("kms-ca.pem"), pki.rootPem());
      Files.writeString(folder.resolve("token"), TOKEN + "\n");
      Files.setPosixFilePermissions(
          folder.resolve("token"), PosixFilePermissions.fromString("rw-------"));
      server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
      server.setHttpsConfigurator(
          new HttpsConfigurator(
              MutualTls.load(pki.issue(folder.resolve("kms"), Leaf.server("kms"))).server()));
      server.setExecutor(calls);
      server.createContext("/v1/transit/", this::answer);
      server.start();
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    rotate("zen");
    rotate("other");
  }

  public TransitAddress address(String key) {
    return TransitAddress.parse(
        "https://localhost:" + server.getAddress().getPort() + "/transit/" + key,
        folder.resolve("token"),
        folder.resolve("kms-ca.pem"));
  }

  /** How often it was asked. */
  public int asked() {
    return asked.get();
  }

  /** Answers this many times with a status, then well again. */
  public void fail(int status, int times) {
    failing = status;
    failures = times;
  }

  /** Hangs up on whoever asks. */
  public void leave() {
    away = true;
  }

  /** Answers again, with the keys it had. */
  public void comeBack() {
    away = false;
  }

  /** Says that it wrapped under another version of the key than it was asked for. */
  void answerUnder(int version) {
    answersUnder = version;
  }

  /** Makes its answers longer by this many characters. */
  void lengthen(int characters) {
    padding = characters;
  }

  /** Waits this long between the headers of an answer and its body. */
  void stall(long millis) {
    stallMillis = millis;
  }

  void delay(long millis) {
    delayMillis = millis;
  }

  void ignoreAssociatedData() {
    ignoresAssociatedData = true;
  }

  void letKeysOut() {
    exportable = true;
  }

  private synchronized void rotate(String key) {
    TreeMap<Integer, byte[]> versions = keys.computeIfAbsent(key, it -> new TreeMap<>());
    byte[] fresh = new byte[32];
    random.nextBytes(fresh);
    versions.put(versions.isEmpty() ? 1 : versions.lastKey() + 1, fresh);
  }

  private void answer(HttpExchange exchange) throws IOException {
    asked.incrementAndGet();
    if (away) {
      exchange.close();
      return;
    }
    byte[] body = exchange.getRequestBody().readAllBytes();
    String[] path = exchange.getRequestURI().getPath().split("/", -1);
    int status;
    String answer = "";
    if (failures > 0) {
      failures--;
      status = failing;
      if (status == 307) {
        exchange.getResponseHeaders().set("Location", "/v1/transit/keys/other");
      }
    } else if (!TOKEN.equals(exchange.getRequestHeaders().getFirst("X-Vault-Token"))) {
      status = 403;
    } else {
      try {
        Thread.sleep(delayMillis);
        JsonNode asked = body.length == 0 ? JSON.createObjectNode() : JSON.readTree(body);
        answer = data(path[3], path[4], path.length > 5 ? path[5] : "", asked);
        status = 200;
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        status = 400;
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        status = 503;
      }
    }
    byte[] out = answer.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(status, out.length == 0 ? -1 : out.length);
    pauseBeforeBody();
    exchange.getResponseBody().write(out);
    exchange.close();
  }

  private void pauseBeforeBody() {
    try {
      Thread.sleep(stallMillis);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized String data(String verb, String name, String what, JsonNode asked)
      throws GeneralSecurityException {
    TreeMap<Integer, byte[]> versions =
        Optional.ofNullable(keys.get(name))
            .orElseThrow(() -> new GeneralSecurityException("encryption key not found"));
    ObjectNode data = JSON.createObjectNode();
    switch (verb) {
      case "keys" -> {
        if (what.equals("rotate")) {
          rotate(name);
        } else if (what.equals("trim")) {
          versions.headMap(asked.path("min_available_version").asInt()).clear();
        }
        describe(data, versions);
      }
      case "encrypt" -> {
        int version = asked.path("key_version").asInt();
        byte[] nonce = new byte[12];
        random.nextBytes(nonce);
        byte[] sealed =
            cipher(Cipher.ENCRYPT_MODE, versions, version, nonce, asked)
                .doFinal(base64(asked, "plaintext"));
        byte[] whole = Arrays.copyOf(nonce, nonce.length + sealed.length);
        System.arraycopy(sealed, 0, whole, nonce.length, sealed.length);
        data.put(
            "ciphertext",
            "vault:v"
                + (answersUnder == 0 ? version : answersUnder)
                + ":"
                + Base64.getEncoder().encodeToString(whole));
      }
      case "decrypt" -> {
        String[] parts = asked.path("ciphertext").asString().split(":", 3);
        byte[] whole = Base64.getDecoder().decode(parts[2]);
        if (whole.length < 28) {
          throw new GeneralSecurityException("invalid ciphertext length");
        }
        Cipher cipher =
            cipher(
                Cipher.DECRYPT_MODE,
                versions,
                Integer.parseInt(parts[1].substring(1)),
                Arrays.copyOf(whole, 12),
                asked);
        data.put(
            "plaintext",
            Base64.getEncoder().encodeToString(cipher.doFinal(whole, 12, whole.length - 12)));
      }
      default -> throw new IllegalArgumentException(verb);
    }
    return JSON.createObjectNode().put("padding", "x".repeat(padding)).set("data", data).toString();
  }

  private void describe(ObjectNode data, TreeMap<Integer, byte[]> versions) {
    data.put("type", "aes256-gcm96")
        .put("supports_encryption", true)
        .put("derived", false)
        .put("exportable", exportable)
        .put("allow_plaintext_backup", false)
        .put("latest_version", versions.lastKey());
    ObjectNode all = data.putObject("keys");
    versions.keySet().forEach(it -> all.put(Integer.toString(it), 1));
  }

  private Cipher cipher(
      int mode, Map<Integer, byte[]> versions, int version, byte[] nonce, JsonNode asked)
      throws GeneralSecurityException {
    byte[] key =
        Optional.ofNullable(versions.get(version))
            .orElseThrow(() -> new GeneralSecurityException("version is too old or too new"));
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    if (!ignoresAssociatedData) {
      cipher.updateAAD(base64(asked, "associated_data"));
    }
    return cipher;
  }

  private static byte[] base64(JsonNode asked, String field) {
    return Base64.getDecoder().decode(asked.path(field).asString(""));
  }

  @Override
  public void close() {
    server.stop(0);
    calls.shutdownNow();
  }
}
