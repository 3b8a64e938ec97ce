package io.zenmesh.controlplane.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.cli.SignatureVectors.Vector;
import io.zenmesh.extproc.signature.Catalogue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every published signature through the command line: right, and wrong for the exact reason. */
class SignatureVectorsTest {
  private static final List<Vector> VECTORS = SignatureVectors.all();

  @TempDir Path folder;

  static Stream<Vector> vectors() {
    return VECTORS.stream();
  }

  static Stream<Vector> right() {
    return vectors().filter(vector -> vector.verdict().equals("verified"));
  }

  static Stream<Vector> keyed() {
    return right().filter(vector -> !vector.isToken());
  }

  static Stream<Vector> timed() {
    return right().filter(vector -> vector.time().isPresent());
  }

  private void verified(SignatureCall call) {
    ZenctlRun run = call.run(folder, "verify");
    assertThat(run.out()).as(run.err()).isEqualTo("verified\n");
    assertThat(run.exitCode()).isZero();
    assertThat(run.err()).isEmpty();
  }

  private void refused(SignatureCall call, String reason) {
    ZenctlRun run = call.run(folder, "verify");
    assertThat(run.out()).as(run.err()).isEqualTo("refused: " + reason + "\n");
    assertThat(run.exitCode()).isEqualTo(1);
    assertThat(run.err()).isEmpty();
  }

  @Test
  void vectors_ofTheFile_areAllHere() {
    // The 45th is a CRC only; SignatureKeyFileTest makes a whole message of it.
    assertThat(VECTORS).hasSize(44);
    assertThat(right()).hasSize(40);
  }

  @ParameterizedTest
  @MethodSource("vectors")
  void vector_itsRequest_hasItsVerdict(Vector vector) {
    if (vector.verdict().equals("verified")) {
      verified(vector.call());
    } else {
      refused(vector.call(), vector.verdict().substring("refused:".length()));
    }
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void body_changedByOneByte_isMismatch(Vector vector) {
    byte[] body = vector.call().body().getBytes(StandardCharsets.UTF_8);
    String changed;
    if (body.length == 0) {
      changed = " ";
    } else {
      body[body.length - 1] ^= 1;
      changed = new String(body, StandardCharsets.UTF_8);
    }
    refused(vector.call().withBody(changed), "signature_mismatch");
  }

  @ParameterizedTest
  @MethodSource("right")
  void anotherSecret_isMismatch(Vector vector) {
    String secret =
        switch (vector.keyDecoding()) {
          case "hex" -> "00" + vector.call().secret().substring(2);
          case "whsec-base64" -> "whsec_" + "AAAA".repeat(8);
          case "zenk1" -> "zenk1_" + "A".repeat(43);
          default -> vector.call().secret() + "2";
        };
    refused(vector.call().withSecret(secret), "signature_mismatch");
  }

  @ParameterizedTest
  @MethodSource("right")
  void signature_absentOrEmpty_isMissing(Vector vector) {
    refused(vector.call().withHeader(vector.header()), "signature_missing");
    refused(vector.call().withHeader(vector.header(), ""), "signature_missing");
  }

  @ParameterizedTest
  @MethodSource("right")
  void signature_twice_isDuplicated(Vector vector) {
    String value = vector.call().header(vector.header());
    refused(vector.call().withHeader(vector.header(), value, value), "header_duplicated");
  }

  @ParameterizedTest
  @MethodSource("right")
  void signature_notAscii_isMalformed(Vector vector) {
    refused(vector.call().withHeader(vector.header(), it -> it + "\u00e9"), "signature_malformed");
  }

  @ParameterizedTest
  @MethodSource("right")
  void signature_cut_isMalformed(Vector vector) {
    refused(
        vector.call().withHeader(vector.header(), it -> it.substring(0, it.length() - 1)),
        vector.isToken() ? "signature_mismatch" : "signature_malformed");
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void hex_upperCase_isMalformed(Vector vector) {
    if (vector.encoding().equals("hex")) {
      refused(
          vector
              .call()
              .withHeader(
                  vector.header(),
                  it -> it.replace(vector.expected(), vector.expected().toUpperCase(Locale.ROOT))),
          "signature_malformed");
    }
  }

  @ParameterizedTest
  @MethodSource("keyed")
  void signature_ofAnotherVersionOnly_isUnsupported(Vector vector) {
    // The version is what stands directly before the signature, such as sha256= or v1, .
    int from = 1 + Math.max(vector.before().lastIndexOf(',', vector.before().length() - 2), -1);
    String version = vector.before().substring(from);
    if (version.isEmpty()) {
      return;
    }
    String other = version.startsWith("v") ? "v9" + version.substring(2) : "md5=";
    refused(
        vector.call().withHeader(vector.header(), it -> it.replace(version, other)),
        vector.id().equals("zen-second-of-two")
            ? "header_duplicated" // both become the same one, which may stand once
            : "signature_version_unsupported");
  }

  @ParameterizedTest
  @MethodSource("timed")
  void time_atTheEdgesOfTheTolerance_countsAndBeyondDoesNot(Vector vector) {
    long tolerance =
        Catalogue.bundled()
            .find(vector.call().scheme())
            .orElseThrow()
            .tolerance()
            .orElseThrow()
            .toSeconds();
    long time = vector.time().orElseThrow();
    verified(vector.call().withAt(time + tolerance));
    verified(vector.call().withAt(time - tolerance));
    refused(vector.call().withAt(time + tolerance + 1), "timestamp_too_old");
    refused(vector.call().withAt(time - tolerance - 1), "timestamp_in_future");
    refused(vector.call().withAt(time + 6).with("--tolerance", "5"), "timestamp_too_old");
  }

  @ParameterizedTest
  @MethodSource("timed")
  void time_notANumberOrAbsent_isNamed(Vector vector) {
    String where = vector.timeHeader().orElse(vector.header());
    String time = Long.toString(vector.time().orElseThrow());
    String twitch = "2019-11-16T10:11:12.634234626Z";
    for (String wrong : List.of("+" + time, "0" + time, "-1", "1e9", "99999999999999999999")) {
      refused(
          vector.call().withHeader(where, it -> it.replace(time, wrong).replace(twitch, wrong)),
          "timestamp_malformed");
    }
    SignatureCall absent =
        vector.timeHeader().isPresent()
            ? vector.call().withHeader(where)
            : vector.call().withHeader(where, it -> it.replace("t=" + time + ",", ""));
    refused(absent, "timestamp_missing");
  }

  @ParameterizedTest
  @MethodSource("right")
  void sign_itsContent_isVerifiedAgain(Vector vector) {
    SignatureCall unsigned =
        vector.call().with("--show-token").withAt(vector.time().orElse(vector.call().at()));
    SignatureCall signed = unsigned.signed(folder);
    assertThat(signed.header(vector.header())).isNotEmpty();
    ZenctlRun run =
        new SignatureCall(
                signed.scheme(),
                signed.secret(),
                signed.method(),
                signed.url(),
                signed.headers(),
                signed.body(),
                signed.at(),
                List.of())
            .run(folder, "verify");
    assertThat(run.out()).as(run.err()).isEqualTo("verified\n");
  }
}
