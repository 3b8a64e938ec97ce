package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;

/** Where an operator says that the keys are. */
class KeyOptionsTest {
  private static final String ARN = "arn:aws:kms:eu-central-1:111122223333:key/";

  private static final String RING = "projects/p/locations/eu/keyRings/r/cryptoKeys/";

  /** The options as {@code control-plane serve} has them. */
  @Command(name = "serve")
  static final class Serve implements Runnable {
    @ArgGroup(exclusive = true, multiplicity = "1")
    private KeyOptions keys = new KeyOptions();

    @Override
    public void run() {}
  }

  private static KeyOptions parsed(String... words) {
    Serve serve = new Serve();
    new CommandLine(serve).parseArgs(words);
    return serve.keys;
  }

  private static void refused(String expected, String... words) {
    assertThatThrownBy(() -> parsed(words).place())
        .as(Stream.of(words).toList().toString())
        .isInstanceOfSatisfying(
            StartException.class, e -> assertThat(e.exitCode()).isEqualTo(Main.USAGE))
        .hasMessage(expected);
  }

  private static void unparsed(String expected, String... words) {
    assertThatThrownBy(() -> parsed(words))
        .as(Stream.of(words).toList().toString())
        .isInstanceOf(CommandLine.ParameterException.class)
        .hasMessageContaining(expected);
  }

  @Test
  void awsKms_isTakenWithFormerKeysAndEndpoint() {
    KeyOptions keys =
        parsed(
            "--kek-aws-kms",
            ARN + "c",
            "--kek-aws-kms-former",
            ARN + "b",
            "--kek-aws-kms-former",
            ARN + "a",
            "--kek-aws-kms-endpoint",
            "https://kms.example:8443");
    assertThat(keys.place())
        .isInstanceOfSatisfying(
            KeyPlace.AwsKms.class,
            it -> {
              assertThat(it.address().current()).isEqualTo(ARN + "c");
              assertThat(it.address().former()).containsExactly(ARN + "b", ARN + "a");
              assertThat(it.address().endpoint())
                  .hasValueSatisfying(
                      url -> assertThat(url).hasToString("https://kms.example:8443"));
            });
    assertThatThrownBy(keys::auditFolder)
        .isInstanceOf(StartException.class)
        .hasMessage("--audit-dir: missing (expected: with --kek-aws-kms or --kek-gcp-kms)");
    assertThat(parsed("--kek-aws-kms", ARN + "c").place())
        .isInstanceOfSatisfying(
            KeyPlace.AwsKms.class, it -> assertThat(it.address().endpoint()).isEmpty());
  }

  @Test
  void awsKmsKeyOfAnotherForm_isRefusedWithWhatIsExpected() {
    for (String arn :
        new String[] {
          "zen",
          "alias/zen",
          "arn:aws:kms:eu-central-1:111122223333:alias/zen",
          // No region, and no account.
          "arn:aws:kms::111122223333:key/c",
          "arn:aws:kms:eu-central-1::key/c",
          "arn:aws:s3:eu-central-1:111122223333:key/c",
          ARN,
          ARN + "c "
        }) {
      String expected = arn + " (expected: arn:aws:kms:REGION:ACCOUNT:key/ID, no alias)";
      refused("--kek-aws-kms: " + expected, "--kek-aws-kms", arn);
      refused(
          "--kek-aws-kms-former: " + expected,
          "--kek-aws-kms",
          ARN + "c",
          "--kek-aws-kms-former",
          arn);
    }
  }

  @Test
  void awsKmsFormerKey_isAnotherOneOfTheSameRegion() {
    String elsewhere = ARN.replace("eu-central-1", "us-east-1") + "c";
    refused(
        "--kek-aws-kms-former: " + elsewhere + " (expected: a key of the same region)",
        "--kek-aws-kms",
        ARN + "c",
        "--kek-aws-kms-former",
        elsewhere);
    refused(
        "--kek-aws-kms-former: " + ARN + "c (expected: another key)",
        "--kek-aws-kms",
        ARN + "c",
        "--kek-aws-kms-former",
        ARN + "c");
  }

  @Test
  void awsKmsEndpoint_isHttpsOrOfThisMachine() {
    for (String url :
        new String[] {"http://kms.example", "https://user@kms", "https://kms/path", "kms"}) {
      refused(
          "--kek-aws-kms-endpoint: "
              + url
              + " (expected: https://HOST[:PORT], or http:// on this machine)",
          "--kek-aws-kms",
          ARN + "c",
          "--kek-aws-kms-endpoint",
          url);
    }
    unparsed("--kek-aws-kms-endpoint", "--kek-aws-kms", ARN + "c", "--kek-aws-kms-endpoint", "a b");
  }

  @Test
  void gcpKms_isTakenWithFormerKeys_endpointAndCredentials() {
    KeyOptions keys =
        parsed(
            "--kek-gcp-kms",
            RING + "c",
            "--kek-gcp-kms-former",
            RING + "b",
            "--kek-gcp-kms-credentials",
            "/c.json",
            "--kek-gcp-kms-endpoint",
            "https://kms.example");
    assertThat(keys.place())
        .isInstanceOfSatisfying(
            KeyPlace.GcpKms.class,
            it -> {
              assertThat(it.address().current()).isEqualTo(RING + "c");
              assertThat(it.address().former()).containsExactly(RING + "b");
              assertThat(it.address().credentials()).contains(Path.of("/c.json"));
              assertThat(it.address().endpoint())
                  .hasValueSatisfying(url -> assertThat(url).hasToString("https://kms.example"));
            });
    assertThatThrownBy(keys::auditFolder).hasMessageStartingWith("--audit-dir: missing");
    assertThat(parsed("--kek-gcp-kms", RING + "c").place())
        .isInstanceOfSatisfying(
            KeyPlace.GcpKms.class,
            it -> {
              assertThat(it.address().credentials()).isEmpty();
              assertThat(it.address().endpoint()).isEmpty();
            });
  }

  @Test
  void gcpKmsKeyOfAnotherForm_isRefusedWithWhatIsExpected() {
    for (String name :
        new String[] {
          "c",
          RING,
          RING + "c/cryptoKeyVersions/1",
          "/" + RING + "c",
          // No location.
          "projects/p/keyRings/r/cryptoKeys/c"
        }) {
      String expected =
          name + " (expected: projects/P/locations/L/keyRings/R/cryptoKeys/K, no version)";
      refused("--kek-gcp-kms: " + expected, "--kek-gcp-kms", name);
      refused(
          "--kek-gcp-kms-former: " + expected,
          "--kek-gcp-kms",
          RING + "c",
          "--kek-gcp-kms-former",
          name);
    }
    refused(
        "--kek-gcp-kms-endpoint: http://kms.example"
            + " (expected: https://HOST[:PORT], or http:// on this machine)",
        "--kek-gcp-kms",
        RING + "c",
        "--kek-gcp-kms-endpoint",
        "http://kms.example");
  }

  @Test
  void keysInTwoPlaces_orNone_areRefused() {
    String[][] places = {
      {"--keyset", "k.json"},
      {"--kek-transit", "https://h/t/k", "--kek-transit-token", "t", "--kek-transit-ca", "c"},
      {"--kek-aws-kms", ARN + "c"},
      {"--kek-gcp-kms", RING + "c"}
    };
    for (String[] one : places) {
      for (String[] another : places) {
        if (one != another) {
          unparsed(
              "mutually exclusive",
              Stream.concat(Stream.of(one), Stream.of(another)).toArray(String[]::new));
        }
      }
    }
    unparsed("Missing required argument");
  }

  @Test
  void partsWithoutTheirKey_areRefused() {
    unparsed("--kek-aws-kms", "--kek-aws-kms-former", ARN + "c");
    unparsed("--kek-aws-kms", "--kek-aws-kms-endpoint", "https://kms.example");
    unparsed("--kek-aws-kms", "--keyset", "k.json", "--kek-aws-kms-former", ARN + "c");
    unparsed("--kek-gcp-kms", "--kek-gcp-kms-credentials", "c");
    unparsed("--kek-gcp-kms", "--kek-gcp-kms-former", RING + "c");
    unparsed("--keyset", "--keyset-passphrase", "p");
    unparsed("--kek-transit-ca", "--kek-transit", "https://h/t/k", "--kek-transit-token", "t");
  }

  @Test
  void auditFolder_liesBesideTheKeysetOrTheToken() {
    assertThat(parsed("--keyset", "/k/keyset.json").auditFolder()).isEqualTo(Path.of("/k/audit"));
    assertThat(
            parsed(
                    "--kek-transit",
                    "https://h/t/k",
                    "--kek-transit-token",
                    "/t/token",
                    "--kek-transit-ca",
                    "c")
                .auditFolder())
        .isEqualTo(Path.of("/t/audit"));
  }
}
