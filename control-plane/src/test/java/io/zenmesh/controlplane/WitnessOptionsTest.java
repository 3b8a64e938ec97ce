package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.NoteKey;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.secret.SecretBytes;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What an operator may say of a witness, and what is said back when it is wrong. */
class WitnessOptionsTest {
  private static final String KEY = key(NoteKey.WITNESS);
  private static final String ID = "spiffe://zen.test/witness";

  private static String key(byte type) {
    try (SecretBytes seed = SecretBytes.takeOver(new byte[32])) {
      return NoteKey.of("witness.example/w1", type, seed).verifierKey();
    }
  }

  private static Optional<WitnessPlace> place(String... arguments) {
    WitnessOptions options = new WitnessOptions();
    new CommandLine(options).parseArgs(arguments);
    return options.place();
  }

  private static void refused(String message, String... arguments) {
    assertThatThrownBy(() -> place(arguments))
        .isInstanceOfSatisfying(
            StartException.class,
            it -> {
              assertThat(it.exitCode()).isEqualTo(Main.USAGE);
              assertThat(it).hasMessage(message);
            });
  }

  @Test
  void nothingSaid_isNoWitness() {
    assertThat(place()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"http://127.0.0.1:9700", "http://127.1.2.3:1", "http://[::1]:9700/"})
  void plainHttp_isForLoopbackAddresses(String url) {
    WitnessPlace place = place("--witness", url, "--witness-key", KEY).orElseThrow();
    assertThat(place.server()).isEqualTo(URI.create(url));
    assertThat(place.id()).isEmpty();
    assertThat(place.key().name()).isEqualTo("witness.example/w1");
  }

  @Test
  void https_isForAnyHost_withWhoItIs() {
    WitnessPlace place =
        place("--witness", "https://w1.example:9700", "--witness-key", KEY, "--witness-id", ID)
            .orElseThrow();
    assertThat(place.server()).isEqualTo(URI.create("https://w1.example:9700"));
    assertThat(place.id()).isEqualTo(SpiffeId.parse(ID));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://w1.example:9700",
        "http://10.0.0.1:9700",
        "http://localhost:9700", // a name, which somebody else may answer for
        "http://127.0.0.1.example:9700",
        "http://127.0.0.1",
        "https://w1.example",
        "https://w1.example:0",
        "https://w1.example:65536",
        "https://:9700",
        "https://user@w1.example:9700",
        "https://w1.example:9700/path",
        "https://w1.example:9700?query",
        "https://w1.example:9700#part",
        "ftp://w1.example:9700",
        "HTTPS://w1.example:9700",
        "file:///etc/witness",
        "w1.example:9700",
        "/relative",
        "https://w1 example:9700",
        ""
      })
  void addressThatIsNoneOfAWitness_isNamed(String url) {
    refused(
        "--witness: " + url + " (expected: https://HOST:PORT, or http:// and a loopback address)",
        "--witness",
        url,
        "--witness-key",
        KEY,
        "--witness-id",
        ID);
  }

  @Test
  void keyOrAddressAlone_isRefused() {
    String message = "--witness, --witness-key: one alone (expected: both or none)";
    refused(message, "--witness", "http://127.0.0.1:9700");
    refused(message, "--witness-key", KEY);
    refused(message, "--witness-key", KEY, "--witness-id", ID);
    refused("--witness-id: without --witness (expected: with it)", "--witness-id", ID);
  }

  @ParameterizedTest
  @CsvSource({"not-an-id", "https://zen.test/witness", "spiffe://"})
  void idThatIsNone_isNamed(String id) {
    refused(
        "--witness-id: " + id + " (expected: a SPIFFE id, with https)",
        "--witness",
        "https://w1.example:9700",
        "--witness-key",
        KEY,
        "--witness-id",
        id);
  }

  @Test
  void idBelongsToHttps_andHttpsNeedsOne() {
    refused(
        "--witness-id: missing (expected: a SPIFFE id, with https)",
        "--witness",
        "https://w1.example:9700",
        "--witness-key",
        KEY);
    refused(
        "--witness-id: " + ID + " (expected: none without https)",
        "--witness",
        "http://127.0.0.1:9700",
        "--witness-key",
        KEY,
        "--witness-id",
        ID);
  }

  /** Among them the key of the log itself, which cannot be its own witness. */
  @Test
  void keyOfAnotherForm_isRefused() {
    String logKey;
    try (SecretBytes seed = SecretBytes.takeOver(new byte[32])) {
      logKey = CheckpointSigner.of("witness.example/w1", seed).verifierKey();
    }
    String cut = KEY.substring(0, KEY.length() - 1);
    String otherId = KEY.replaceFirst("\\+[0-9a-f]{8}\\+", "+00000000+");
    for (String key : List.of(logKey, cut, cut + "=", otherId, KEY + "\n", "witness.key", "")) {
      refused(
          "--witness-key: key: malformed (expected: NAME+ID+KEY of a signed note)",
          "--witness",
          "http://127.0.0.1:9700",
          "--witness-key",
          key);
    }
  }
}
