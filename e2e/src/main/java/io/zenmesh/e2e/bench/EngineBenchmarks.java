package io.zenmesh.e2e.bench;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.extproc.signature.SignedRequest;
import io.zenmesh.extproc.signature.Verdict;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** What the engine costs beside the one keyed hash that nobody can do without. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EngineBenchmarks {
  private static final Instant NOW = Instant.ofEpochSecond(1_764_000_000L);
  private static final String ID = "0f8fad5bd9cb469fa16570867728950e";

  @Param({"github", "stripe", "standard-webhooks", "zen"})
  public String scheme = "github";

  @Param({"1024", "65536"})
  public int bytes = 1024;

  private SchemeVerifier verifier = prepare(Catalogue.bundled().find("github").orElseThrow());
  private Request array = new Request(Map.of(), ByteBuffer.allocate(0));
  private Request readOnly = array;
  private byte[] body = new byte[0];
  private byte[] expected = body;
  private Mac mac = mac();

  /** A request as cheap as it can be. */
  private record Request(Map<String, List<String>> headers, ByteBuffer bytes)
      implements SignedRequest {
    @Override
    public String method() {
      return "POST";
    }

    @Override
    public String authority() {
      return "hooks.example.com";
    }

    @Override
    public String path() {
      return "/acme/orders";
    }

    @Override
    public List<String> header(String lowerCaseName) {
      return headers.getOrDefault(lowerCaseName, List.of());
    }

    @Override
    public ByteBuffer body() {
      return bytes.duplicate();
    }
  }

  private static String secret(String scheme) {
    return switch (scheme) {
      case "zen" -> "zenk1_" + "A".repeat(43);
      case "standard-webhooks" -> "whsec_" + "QUFB".repeat(8);
      default -> "a secret of the benchmark";
    };
  }

  private static SecretBytes secretBytes(String scheme) {
    return SecretBytes.takeOver(secret(scheme).getBytes(StandardCharsets.UTF_8));
  }

  private static SchemeVerifier prepare(Scheme scheme) {
    return SchemeVerifier.prepare(
        scheme,
        SchemeVerifier.Settings.DEFAULT,
        List.of(
            new VerificationKey(
                "bench", Instant.EPOCH, Optional.empty(), secretBytes(scheme.name()))));
  }

  private static Mac mac() {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(new byte[32], "HmacSHA256"));
      return mac;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has HmacSHA256", e);
    }
  }

  /** Signs the body of this trial. */
  @Setup
  public void sign() {
    Scheme chosen = Catalogue.bundled().find(scheme).orElseThrow();
    body = new byte[bytes];
    new Random(1).nextBytes(body);
    ByteBuffer view = ByteBuffer.wrap(body);
    Map<String, List<String>> headers = new LinkedHashMap<>();
    SchemeSigner.sign(
            chosen,
            secretBytes(scheme),
            new SchemeSigner.Message("POST", "hooks.example.com", "/acme/orders", view),
            new SchemeSigner.Delivery(NOW, ID))
        .forEach((name, value) -> headers.put(name.toLowerCase(Locale.ROOT), List.of(value)));
    verifier = prepare(chosen);
    array = new Request(headers, view);
    readOnly = new Request(headers, view.asReadOnlyBuffer());
    mac = mac();
    expected = mac.doFinal(body);
    if (!(verifier.verify(array, NOW) instanceof Verdict.Verified)) {
      throw new IllegalStateException("verdict of " + scheme + " (expected: verified)");
    }
  }

  /** A whole verification, the body in an array. */
  @Benchmark
  public Verdict verify() {
    return verifier.verify(array, NOW);
  }

  /** The same behind a view that hides its array, as from a message that must not change. */
  @Benchmark
  public Verdict verifyReadOnly() {
    return verifier.verify(readOnly, NOW);
  }

  /** The keyed hash and the comparison alone. */
  @Benchmark
  public boolean bareMac() {
    return MessageDigest.isEqual(expected, mac.doFinal(body));
  }
}
