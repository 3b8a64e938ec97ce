package io.zenmesh.controlplane.store.s3;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * Answers the few calls of S3 that archives need as they are documented, with the bucket {@code
 * archive} in the path: for the faults that a real one does not show on demand. While it is open,
 * the SDK finds credentials in the system properties.
 */
public final class FakeS3 implements AutoCloseable {
  /** What is wrong with the body of an object that is read. */
  enum Body {
    WHOLE,
    /** Half of it, then nothing more, and the connection stays. */
    STALLED,
    /** A byte now and then. */
    DRIPPING,
    /** Half of it, then the connection ends. */
    CUT_OFF,
    /** Another byte in it, with the checksum of what was put. */
    CHANGED,
    /** Another byte in it, and no checksum. */
    CHANGED_UNSAID,
    /** More than any archive. */
    ENDLESS
  }

  /** How a condition of a put is taken. */
  enum Condition {
    KEPT,
    IGNORED,
    REFUSED
  }

  static final String BUCKET = "archive";
  static final String USER = "AKIAEXAMPLE";
  private static final String SECRET = "not-a-real-secret";
  private static final long PAUSE_MILLIS = 100;

  private final HttpServer server;
  private final ExecutorService calls = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, byte[]> objects = new ConcurrentSkipListMap<>();
  private final List<String> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger failures = new AtomicInteger();
  private volatile String failing = "";
  private volatile String failingMethod = "";
  private volatile int status;
  private volatile Body body = Body.WHOLE;
  private volatile Condition condition = Condition.KEPT;
  private volatile boolean losesAnswers;
  private volatile boolean storesChanged;
  private volatile boolean hides;
  private volatile boolean listsAll;
  private volatile long delayMillis;

  public FakeS3() {
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    server.setExecutor(calls);
    server.createContext("/", this::answer);
    server.start();
    credentials(true);
  }

  /** Whether the SDK's default chain finds credentials. */
  static void credentials(boolean there) {
    if (there) {
      System.setProperty("aws.accessKeyId", USER);
      System.setProperty("aws.secretAccessKey", SECRET);
    } else {
      System.clearProperty("aws.accessKeyId");
      System.clearProperty("aws.secretAccessKey");
    }
  }

  /** The address of a bucket of it, the prefix {@code zen/audit} within. */
  public S3Address address(String bucket) {
    return S3Address.parse(
        "s3://" + bucket + "/zen/audit",
        "eu-central-1",
        Optional.of(URI.create("http://127.0.0.1:" + server.getAddress().getPort())),
        true);
  }

  /** The objects by their keys. */
  public Map<String, byte[]> objects() {
    return objects;
  }

  /** What was asked so far: methods, in order. */
  List<String> asked() {
    return List.copyOf(asked);
  }

  /** Answers this many requests of a method with an error, then well again. */
  public void fail(String method, int with, String code, int times) {
    failingMethod = method;
    status = with;
    failing = code;
    failures.set(times);
  }

  void body(Body kind) {
    body = kind;
  }

  void condition(Condition how) {
    condition = how;
  }

  /** Puts well, and answers with an error once. */
  void loseAnswers() {
    losesAnswers = true;
  }

  /** Says that all is well, and keeps something else. */
  public void storeChanged(boolean how) {
    storesChanged = how;
  }

  /** Says that nothing is there until it is to be put: somebody else is quicker. */
  void hide() {
    hides = true;
  }

  /** Lists everything, whatever it is asked for. */
  void listAll() {
    listsAll = true;
  }

  void delay(long millis) {
    delayMillis = millis;
  }

  private static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String code) {
      super(code);
      this.status = status;
    }
  }

  private void answer(HttpExchange exchange) throws IOException {
    String method = exchange.getRequestMethod();
    asked.add(method);
    byte[] sent = exchange.getRequestBody().readAllBytes();
    try (exchange) {
      try {
        Thread.sleep(delayMillis);
        if (method.equals(failingMethod) && failures.getAndUpdate(it -> Math.max(0, it - 1)) > 0) {
          throw new Refused(status, failing);
        }
        authorize(exchange);
        call(exchange, method, sent);
      } catch (Refused e) {
        byte[] text =
            ("<Error><Code>" + e.getMessage() + "</Code><Message>of account 1</Message></Error>")
                .getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/xml");
        boolean silent = method.equals("HEAD");
        exchange.sendResponseHeaders(e.status, silent ? -1 : text.length);
        if (!silent) {
          exchange.getResponseBody().write(text);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void authorize(HttpExchange exchange) throws Refused {
    String signed = header(exchange, "Authorization").orElse("");
    if (!signed.startsWith("AWS4-HMAC-SHA256 Credential=" + USER + "/")
        || !signed.contains("/eu-central-1/s3/")) {
      throw new Refused(403, "SignatureDoesNotMatch");
    }
  }

  private static Optional<String> header(HttpExchange exchange, String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  private void call(HttpExchange exchange, String method, byte[] sent)
      throws IOException, Refused, InterruptedException {
    String path = exchange.getRequestURI().getPath();
    if (!path.equals("/" + BUCKET) && !path.startsWith("/" + BUCKET + "/")) {
      throw new Refused(404, "NoSuchBucket");
    }
    String key = path.substring(Math.min(path.length(), BUCKET.length() + 2));
    if (method.equals("PUT")) {
      put(exchange, key, sent);
    } else if (key.isEmpty() && method.equals("GET")) {
      list(exchange);
    } else {
      byte[] bytes =
          Optional.ofNullable(objects.get(key))
              .filter(it -> !hides || method.equals("GET"))
              .orElseThrow(() -> new Refused(404, "NoSuchKey"));
      if (method.equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", "" + bytes.length);
        exchange.sendResponseHeaders(200, -1);
      } else {
        send(exchange, bytes);
      }
    }
  }

  private void put(HttpExchange exchange, String key, byte[] sent) throws IOException, Refused {
    // Who puts names what is put, in the signature and beside it.
    if (!header(exchange, "x-amz-checksum-sha256").equals(Optional.of(base64(sent)))
        || !header(exchange, "x-amz-content-sha256")
            .equals(Optional.of(HexFormat.of().formatHex(sha256(sent))))) {
      throw new Refused(400, "BadDigest");
    }
    boolean conditional = header(exchange, "If-None-Match").equals(Optional.of("*"));
    if (conditional && condition == Condition.REFUSED) {
      throw new Refused(501, "NotImplemented");
    }
    if (conditional && condition == Condition.KEPT && objects.containsKey(key)) {
      throw new Refused(412, "PreconditionFailed");
    }
    objects.put(key, storesChanged ? changed(sent) : sent);
    if (losesAnswers) {
      losesAnswers = false;
      throw new Refused(503, "SlowDown");
    }
    exchange.sendResponseHeaders(200, -1);
  }

  private void list(HttpExchange exchange) throws IOException {
    Map<String, String> query =
        Arrays.stream(exchange.getRequestURI().getRawQuery().split("&", -1))
            .map(it -> it.split("=", 2))
            .collect(
                Collectors.toMap(
                    it -> it[0],
                    it -> it.length < 2 ? "" : URLDecoder.decode(it[1], StandardCharsets.UTF_8)));
    String contents =
        objects.keySet().stream()
            .filter(it -> listsAll || it.startsWith(query.getOrDefault("prefix", "")))
            .limit(Long.parseLong(query.getOrDefault("max-keys", "1000")))
            .map(it -> "<Contents><Key>" + it + "</Key></Contents>")
            .collect(Collectors.joining());
    byte[] text =
        ("<ListBucketResult>" + contents + "</ListBucketResult>").getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, text.length);
    exchange.getResponseBody().write(text);
  }

  private void send(HttpExchange exchange, byte[] whole) throws IOException, InterruptedException {
    Body kind = body;
    byte[] bytes = kind == Body.CHANGED || kind == Body.CHANGED_UNSAID ? changed(whole) : whole;
    if (header(exchange, "x-amz-checksum-mode").isPresent() && kind != Body.CHANGED_UNSAID) {
      exchange.getResponseHeaders().set("x-amz-checksum-sha256", base64(whole));
    }
    if (kind == Body.ENDLESS) {
      exchange.sendResponseHeaders(200, 1L << 40);
      exchange.getResponseBody().write(bytes);
      exchange.getResponseBody().flush();
      Thread.sleep(10 * PAUSE_MILLIS);
      return;
    }
    exchange.sendResponseHeaders(200, bytes.length);
    OutputStream out = exchange.getResponseBody();
    int half =
        kind == Body.WHOLE || kind.name().startsWith("CHANGED") ? bytes.length : bytes.length / 2;
    out.write(bytes, 0, half);
    out.flush();
    while (kind == Body.STALLED || (kind == Body.DRIPPING && half < bytes.length)) {
      Thread.sleep(PAUSE_MILLIS);
      if (kind == Body.DRIPPING) {
        out.write(bytes[half++]);
        out.flush();
      }
    }
  }

  private static byte[] changed(byte[] bytes) {
    byte[] other = bytes.clone();
    other[other.length / 2] ^= 1;
    return other;
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(sha256(bytes));
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Answers nobody any more. */
  void leave() {
    server.stop(0);
  }

  @Override
  public void close() {
    credentials(false);
    server.stop(0);
    calls.shutdownNow();
  }
}
