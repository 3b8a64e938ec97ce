package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What holds for every input, tried on many; each failure prints what reproduces it. */
class SchemeVerifierPropertiesTest {
  private static final Set<Reason> MISSING =
      Set.of(Reason.SIGNATURE_MISSING, Reason.TIMESTAMP_MISSING);

  static Iterable<String> all() {
    return Sample.names();
  }

  @ParameterizedTest
  @MethodSource("all")
  void E08_everyByteInEveryHeader_isNeverMissingNorThrows(String scheme) {
    Sample sample = Sample.of(scheme);
    for (String header : sample.scheme().headers()) {
      List<String> values = sample.request().header(header);
      String value = values.isEmpty() ? "id-1" : values.getFirst();
      for (int b = 0; b < 256; b++) {
        char c = (char) b;
        never(sample, header, String.valueOf(c), c);
        for (int at = 0; at <= value.length(); at++) {
          never(sample, header, value.substring(0, at) + c + value.substring(at), c);
        }
      }
    }
  }

  private static void never(Sample sample, String header, String value, char c) {
    Verdict verdict = sample.verify(sample.request().with(header, value));
    if (verdict instanceof Verdict.Refused(Reason reason)) {
      assertThat(MISSING).as("%s with %d in %s", header, (int) c, value).doesNotContain(reason);
    }
    if (c <= ' ' || c > '~') {
      assertThat(verdict).as("%s with %d", header, (int) c).isInstanceOf(Verdict.Refused.class);
      assertThat(((Verdict.Refused) verdict).reason().status()).isEqualTo(400);
    }
  }

  @Test
  void message_anyBitFlipped_isNeverVerified() {
    long seed = 20_261_124L;
    Random random = new Random(seed);
    int flips = 0;
    for (int round = 0; round < 12; round++) {
      for (String scheme : Sample.names()) {
        flips += flipEveryBit(sampled(scheme, random), "seed " + seed + " round " + round);
      }
    }
    System.out.println("one-bit mutations refused: " + flips);
    assertThat(flips).isGreaterThan(20_000);
  }

  private static Sample sampled(String scheme, Random random) {
    Sample sample = Sample.of(scheme);
    byte[] body = new byte[random.nextInt(40)];
    random.nextBytes(body);
    TestRequest request =
        sample.signed(
            TestRequest.post(body).withPath("/p" + random.nextInt(1000)),
            sample.now(),
            sample.secret());
    assertThat(sample.verify(request)).isInstanceOf(Verdict.Verified.class);
    return new Sample(
        sample.scheme(), sample.secret(), sample.other(), sample.verifier(), request, sample.now());
  }

  /** Flips each bit of what the scheme signs, and of the signature. */
  private static int flipEveryBit(Sample sample, String as) {
    TestRequest request = sample.request();
    List<TestRequest> mutants = new ArrayList<>();
    boolean token = sample.scheme().content().isEmpty();
    boolean signsId = sample.scheme().signsId();
    for (String header : request.headers().keySet()) {
      boolean id = header.endsWith("-id") || header.endsWith("-key") || header.endsWith("delivery");
      if (!id || signsId) {
        flipped(request.one(header)).forEach(v -> mutants.add(request.with(header, v)));
      }
    }
    if (!token) {
      byte[] body = request.content().array();
      for (int bit = 0; bit < body.length * 8; bit++) {
        byte[] changed = body.clone();
        changed[bit / 8] ^= (byte) (1 << bit % 8);
        mutants.add(request.withBody(changed));
      }
    }
    if (sample.scheme().name().equals("zen")) {
      flipped(request.method()).forEach(v -> mutants.add(request.withMethod(v)));
      flipped(request.path()).forEach(v -> mutants.add(request.withPath(v)));
      flipped(request.authority()).stream()
          .filter(v -> !v.toLowerCase(Locale.ROOT).equals(request.authority()))
          .forEach(v -> mutants.add(request.withAuthority(v)));
    }
    for (TestRequest mutant : mutants) {
      assertThat(sample.verify(mutant))
          .as("%s %s %s", as, sample.scheme(), mutant)
          .isInstanceOf(Verdict.Refused.class);
    }
    return mutants.size();
  }

  private static List<String> flipped(String latin1) {
    byte[] bytes = latin1.getBytes(StandardCharsets.ISO_8859_1);
    List<String> all = new ArrayList<>(bytes.length * 8);
    for (int bit = 0; bit < bytes.length * 8; bit++) {
      byte[] changed = bytes.clone();
      changed[bit / 8] ^= (byte) (1 << bit % 8);
      all.add(new String(changed, StandardCharsets.ISO_8859_1));
    }
    return all;
  }

  /** Every way to read one signed string as a message: at most one of them may verify. */
  @ParameterizedTest
  @ValueSource(strings = {"standard-webhooks", "stripe"})
  void P04_oneSignedString_isAtMostOneMessage(String scheme) throws Exception {
    Random random = new Random(4);
    Sample sample = Sample.of(scheme);
    Instant now = Instant.ofEpochSecond(100);
    int readable = 0;
    for (int round = 0; round < 3_000; round++) {
      String signed = randomText(random, "0123.a_", 4 + random.nextInt(12));
      String signature = signature(sample, signed);
      int verified = 0;
      for (TestRequest request : readings(scheme, signed, signature)) {
        if (sample.verifier().verify(request, now) instanceof Verdict.Verified) {
          verified++;
        }
      }
      assertThat(verified).as(signed).isLessThanOrEqualTo(1);
      readable += verified;
    }
    assertThat(readable).isGreaterThan(50);
  }

  private static List<TestRequest> readings(String scheme, String signed, String signature) {
    List<TestRequest> readings = new ArrayList<>();
    for (int first = signed.indexOf('.'); first >= 0; first = signed.indexOf('.', first + 1)) {
      String head = signed.substring(0, first);
      String rest = signed.substring(first + 1);
      if (scheme.equals("stripe")) {
        readings.add(
            TestRequest.post(rest).with("Stripe-Signature", "t=" + head + ",v1=" + signature));
        continue;
      }
      for (int second = rest.indexOf('.'); second >= 0; second = rest.indexOf('.', second + 1)) {
        readings.add(
            TestRequest.post(rest.substring(second + 1))
                .with("webhook-id", head)
                .with("webhook-timestamp", rest.substring(0, second))
                .with("webhook-signature", "v1," + signature));
      }
    }
    return readings;
  }

  @Test
  void P04_zenSignedString_isAtMostOneMessage() {
    Random random = new Random(12);
    Sample sample = Sample.of("zen");
    String[] pieces = {"POST", "\n", "/a", "1764000000", Sample.NONCE, "hooks.example.com"};
    int refused = 0;
    for (int round = 0; round < 2_000; round++) {
      String path = "/" + randomPieces(random, pieces);
      String authority = randomPieces(random, pieces);
      boolean split = (path + authority).contains("\n");
      Verdict verdict = sample.verify(sample.request().withPath(path).withAuthority(authority));
      assertThat(verdict).as("%s %s", path, authority).isInstanceOf(Verdict.Refused.class);
      if (split) {
        assertThat(verdict).isEqualTo(new Verdict.Refused(Reason.SIGNATURE_MALFORMED));
        refused++;
      }
    }
    assertThat(refused).isGreaterThan(500);
  }

  private static String randomPieces(Random random, String... pieces) {
    StringBuilder text = new StringBuilder("x");
    for (int i = random.nextInt(4); i > 0; i--) {
      text.append(pieces[random.nextInt(pieces.length)]);
    }
    return text.toString();
  }

  private static String randomText(Random random, String alphabet, int length) {
    StringBuilder text = new StringBuilder(length);
    for (int i = 0; i < length; i++) {
      text.append(alphabet.charAt(random.nextInt(alphabet.length())));
    }
    return text.toString();
  }

  private static String signature(Sample sample, String signed) throws Exception {
    byte[] key =
        sample
            .scheme()
            .signature()
            .key()
            .decode(sample.secret().getBytes(StandardCharsets.US_ASCII));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(key, "HmacSHA256"));
    byte[] tag = mac.doFinal(signed.getBytes(StandardCharsets.US_ASCII));
    return sample.scheme().signature().encoding().encode(tag);
  }

  @Test
  void headers_randomText_neverThrowsNorVerifies() {
    Random random = new Random(7);
    String alphabet = "tnkv=,. 019af_-\u00e9\u0000+/";
    for (int round = 0; round < 20_000; round++) {
      Sample sample = SAMPLES.get(random.nextInt(SAMPLES.size()));
      String text = randomText(random, alphabet, random.nextInt(90));
      assertThat(sample.verify(sample.withSignature(s -> text)))
          .as(
              "%s %s",
              sample.scheme(), HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_8)))
          .isInstanceOf(Verdict.Refused.class);
    }
  }

  private static final List<Sample> SAMPLES = Sample.names().stream().map(Sample::of).toList();

  @Test
  void verifier_sharedByThreads_keepsThemApart() throws Exception {
    try (ExecutorService threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Boolean>> tasks = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        Sample sample = SAMPLES.get(i % SAMPLES.size());
        TestRequest other =
            sample.signed(TestRequest.post("other " + i), sample.now(), sample.secret());
        TestRequest forged = sample.signed(other, sample.now(), sample.other());
        tasks.add(() -> sample.verify(other) instanceof Verdict.Verified);
        tasks.add(() -> sample.verify(forged) instanceof Verdict.Refused);
      }
      for (Future<Boolean> right : threads.invokeAll(tasks)) {
        assertThat(right.get()).isTrue();
      }
    }
  }
}
