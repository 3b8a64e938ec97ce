package io.zenmesh.controlplane.store.kms;

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
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * A key management service over HTTP with the keys {@code zen} and {@code other}: for the faults
 * that a real one does not show on demand.
 */
public abstract class KmsStandIn implements AutoCloseable {
  /** What it reads and writes by. */
  protected static final JsonMapper JSON = new JsonMapper();

  private final HttpServer server;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final SecureRandom random = new SecureRandom();
  private final Map<String, byte[]> keys = new ConcurrentHashMap<>();
  private final AtomicInteger asked = new AtomicInteger();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String failing = "";
  private volatile int status;
  private volatile long delayMillis;
  private volatile boolean ignoresPlace;
  private volatile boolean garbage;
  private volatile String namesKey = "";

  /**
   * @param prefix what the full names of its keys begin with
   */
  protected KmsStandIn(String prefix) {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    for (String name : List.of("zen", "other")) {
      byte[] key = new byte[32];
      random.nextBytes(key);
      keys.put(prefix + name, key);
    }
    server.setExecutor(calls);
    server.createContext("/", this::answer);
    server.start();
  }

  /** Where it answers. */
  protected final URI endpoint() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** How often it was asked. */
  public final int asked() {
    return asked.get();
  }

  /** Answers this many times with an error, then well again. */
  public final void fail(int with, String code, int times) {
    status = with;
    failing = code;
    failures.set(times);
  }

  /** Answers this many times that it is broken, in its own way, then well again. */
  public abstract void breakDown(int times);

  /** Waits this long before each answer. */
  public final void delay(long millis) {
    delayMillis = millis;
  }

  /** Binds nothing to its place any more. */
  public final void ignorePlace() {
    ignoresPlace = true;
  }

  /** Answers with something that is no JSON. */
  public final void talkGarbage() {
    garbage = true;
  }

  /** Says that it used this key; the right one for an empty name. */
  public final void name(String key) {
    namesKey = key;
  }

  /** The key that it says it used. */
  protected final String named(String key) {
    return namesKey.isEmpty() ? key : namesKey;
  }

  /** It does not do what it was asked for. */
  protected static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;
    private final String code;

    /** With an HTTP status, a code in its own terms, and a text or none. */
    public Refused(int status, String code, String text) {
      super(text);
      this.status = status;
      this.code = code;
    }
  }

  /** Its answer to a question that it understands. */
  protected abstract ObjectNode data(HttpExchange exchange, JsonNode asked)
      throws Refused, GeneralSecurityException;

  /** A refusal in its own form. */
  protected abstract ObjectNode refusal(int status, String code, String text);

  /** Whether a question is about keys, so that it counts. */
  protected boolean counts(HttpExchange exchange) {
    return true;
  }

  private void answer(HttpExchange exchange) throws IOException {
    byte[] body = exchange.getRequestBody().readAllBytes();
    int code = 200;
    String answer;
    try {
      if (counts(exchange)) {
        asked.incrementAndGet();
        Thread.sleep(delayMillis);
        if (failures.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
          throw new Refused(status, failing, "");
        }
      }
      boolean json = body.length > 0 && body[0] == '{';
      answer = data(exchange, json ? JSON.readTree(body) : JSON.createObjectNode()).toString();
    } catch (Refused e) {
      code = e.status;
      answer = refusal(e.status, e.code, String.valueOf(e.getMessage())).toString();
    } catch (InterruptedException | GeneralSecurityException e) {
      code = 500;
      answer = "";
    }
    byte[] out = (garbage && counts(exchange) ? "<html>" : answer).getBytes(StandardCharsets.UTF_8);
    exchange.getResponseHeaders().set("Content-Type", "application/json");
    exchange.sendResponseHeaders(code, out.length == 0 ? -1 : out.length);
    exchange.getResponseBody().write(out);
    exchange.close();
  }

  /** The key of this full name, if it is there. */
  protected final Optional<byte[]> key(String name) {
    return Optional.ofNullable(keys.get(name));
  }

  /** Seals with AES-GCM. */
  protected final byte[] seal(byte[] key, byte[] clear, byte[] place)
      throws GeneralSecurityException {
    byte[] nonce = new byte[12];
    random.nextBytes(nonce);
    byte[] sealed = cipher(Cipher.ENCRYPT_MODE, key, nonce, place).doFinal(clear);
    byte[] whole = Arrays.copyOf(nonce, nonce.length + sealed.length);
    System.arraycopy(sealed, 0, whole, nonce.length, sealed.length);
    return whole;
  }

  /** Opens what was sealed in this place. */
  protected final byte[] open(byte[] key, byte[] whole, byte[] place)
      throws GeneralSecurityException {
    return cipher(Cipher.DECRYPT_MODE, key, Arrays.copyOf(whole, 12), place)
        .doFinal(whole, 12, whole.length - 12);
  }

  private Cipher cipher(int mode, byte[] key, byte[] nonce, byte[] place)
      throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/GCM/NoPadding");
    cipher.init(mode, new SecretKeySpec(key, "AES"), new GCMParameterSpec(128, nonce));
    if (!ignoresPlace) {
      cipher.updateAAD(place);
    }
    return cipher;
  }

  @Override
  public void close() {
    server.stop(0);
    calls.shutdownNow();
  }
}
