package io.zenmesh.extproc.pipeline;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.extproc.signature.Verdict;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Verifies a known answer and a known forgery, some thousand times: proof that this process can
 * tell them apart, and time for the JVM to compile what it does it with.
 */
public final class SelfTest {
  private static final int ROUNDS = 3_000;
  private static final int BODY_BYTES = 1024;
  private static final Instant SIGNED_AT = Instant.ofEpochSecond(1_764_000_000L);

  /** HMAC-SHA-256 with the key 00 01 .. 1f, computed by another implementation. */
  private static final String SIGNATURE =
      "t=1764000000,n=0f8fad5bd9cb469fa16570867728950e,"
          + "v1=5991c94e5e5ffc3338ebf9aab8690f4ebda252f2a8315d3b44280eb968601cb3";

  private SelfTest() {}

  /** Runs it, some tenths of a second; empty when all is well, else what is not. */
  public static Optional<String> run(Catalogue catalogue) {
    Optional<Scheme> zen = catalogue.find("zen");
    if (zen.isEmpty()) {
      return Optional.of("self-test: no scheme zen (expected: in the bundled catalogue)");
    }
    SchemeVerifier verifier =
        SchemeVerifier.prepare(zen.get(), SchemeVerifier.Settings.DEFAULT, List.of(key()));
    byte[] body = new byte[BODY_BYTES];
    for (int i = 0; i < body.length; i++) {
      body[i] = (byte) i;
    }
    HeadAndBody good = new HeadAndBody(new Head(), ByteBuffer.wrap(body));
    for (int round = 0; round < ROUNDS; round++) {
      if (!(verifier.verify(good, SIGNED_AT) instanceof Verdict.Verified)) {
        return Optional.of("self-test: known answer refused (expected: verified)");
      }
      int changed = round % body.length;
      body[changed] ^= 1;
      Verdict forged = verifier.verify(good, SIGNED_AT);
      body[changed] ^= 1;
      if (!forged.equals(new Verdict.Refused(Reason.SIGNATURE_MISMATCH))) {
        return Optional.of("self-test: forgery not refused (expected: signature_mismatch)");
      }
    }
    return Optional.empty();
  }

  private static VerificationKey key() {
    byte[] bytes = new byte[32];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) i;
    }
    String shown = "zenk1_" + Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    return new VerificationKey(
        "self-test",
        Instant.EPOCH,
        Optional.empty(),
        SecretBytes.takeOver(shown.getBytes(StandardCharsets.US_ASCII)));
  }

  private record Head() implements RequestHead {
    private static final Map<String, String> FIELDS =
        Map.of(
            ":method", "POST",
            ":authority", "self.test",
            ":path", "/self-test",
            "x-zen-signature", SIGNATURE);

    @Override
    public Optional<String> routeName() {
      return Optional.empty();
    }

    @Override
    public List<String> header(String lowerCaseName) {
      String value = FIELDS.get(lowerCaseName);
      return value == null ? List.of() : List.of(value);
    }

    @Override
    public int fieldCount() {
      return FIELDS.size();
    }

    @Override
    public long fieldBytes() {
      return 0;
    }
  }
}
