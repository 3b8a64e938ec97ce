package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;

import com.exceptionfactory.jagged.bech32.Bech32;
import com.exceptionfactory.jagged.framework.armor.ArmoredEncryptingChannelFactory;
import com.exceptionfactory.jagged.framework.stream.StandardEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519KeyPairGenerator;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.store.postgres.PostgresExtension;
import io.zenmesh.controlplane.store.postgres.TestPostgres;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** zenctl's import of ZenLock objects against the whole API. */
@ExtendWith(PostgresExtension.class)
class ZenctlZenLockTest {
  private static final String VALUE = "canary-value-of-an-object";

  /** 32 bytes that are the private key of the fixture below. */
  private static final String FIXTURE_SEED = "a fixture of the tests, no secre";

  /** "not-a-secret-but-a-fixture", sealed to that key by pyrage 1.4.0, with its grease stanza. */
  private static final String FIXTURE =
      "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBGcmJHdXpLNGNkVENWNHRRUVF4Z1F1dis1ZExw"
          + "eUxYYnlSRzRWV1ZuR21BCkRnWnl6eEdtbmI1dzU2ZTIwMU8ySjFnbG5UNkVjc080NjBDeEhObFFIY2sK"
          + "LT4gKlUtZ3JlYXNlCllMTlE5Sm5UY3p2VEdPWFpKTUo0S1pPdU1iRnpQUkVFMXZRWFVqU2htdWp4QjV5"
          + "aUp4Wjg1ZzIzc200V043ZVoKd2taYldLdlRMd01nUE0yQStRckZTeXlneFdsckpMZXBiT00KLS0tIDM4"
          + "MlNkaGx2MzMveGFkYVhZNU9GVUFUN1RyYWc2eHdHaDJ2MWZvK2JWZVUKV4S+DinfyRH8hMszMnUAprMb"
          + "mhribb+CVouV8R5YHx4obVfapzZwMpfPCxWvCjeqKihPQdi/BA2A2Q==";

  @TempDir Path folder;
  private TestApi api;
  private Path config;
  private Path identity;
  private String recipient;

  @BeforeEach
  void start() throws IOException, GeneralSecurityException {
    api = new TestApi(folder, TestPostgres.freshDatabase());
    config = folder.resolve("zenctl.yaml");
    ran(
        0,
        "context",
        "set",
        "admin",
        "--api",
        "https://127.0.0.1:" + api.port(),
        "--server",
        "spiffe://zen.test/control-plane",
        "--identity",
        api.identity("/operator/admin"));
    KeyPair pair = new X25519KeyPairGenerator().generateKeyPair();
    recipient = new String(pair.getPublic().getEncoded(), StandardCharsets.US_ASCII);
    identity =
        identities(
            "# created: today\n\n"
                + new String(pair.getPrivate().getEncoded(), StandardCharsets.US_ASCII)
                + "\n");
  }

  @AfterEach
  void end() {
    api.close();
  }

  private Path identities(String text) throws IOException {
    Path file = folder.resolve("identity");
    Files.deleteIfExists(file);
    Files.createFile(
        file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    return Files.writeString(file, text);
  }

  private ZenctlRun ran(int code, String... arguments) {
    ZenctlRun run = ZenctlRun.of(config, arguments);
    assertThat(run.exitCode()).as(run.err() + run.out()).isEqualTo(code);
    assertThat(run.out() + run.err()).doesNotContain("canary", "AGE-SECRET-KEY-1Q", "not-a-secret");
    return run;
  }

  private ZenctlRun imported(int code, String object, String... more) throws IOException {
    Path file = Files.writeString(folder.resolve("zenlock.yaml"), object);
    List<String> all =
        new ArrayList<>(
            List.of(
                "secret",
                "import-zenlock",
                file.toString(),
                "--tenant",
                "acme",
                "--identity-file",
                identity.toString()));
    all.addAll(List.of(more));
    return ran(code, all.toArray(String[]::new));
  }

  private byte[] sealed(String value, boolean armored)
      throws IOException, GeneralSecurityException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    var recipients =
        List.of(X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(recipient));
    var factory =
        armored ? new ArmoredEncryptingChannelFactory() : new StandardEncryptingChannelFactory();
    try (WritableByteChannel in =
        factory.newEncryptingChannel(Channels.newChannel(out), recipients)) {
      in.write(ByteBuffer.wrap(value.getBytes(StandardCharsets.UTF_8)));
    }
    return out.toByteArray();
  }

  private static String base64(byte[] bytes) {
    return Base64.getEncoder().encodeToString(bytes);
  }

  private static String object(String... members) {
    return """
    apiVersion: security.kube-zen.io/v1alpha1
    kind: ZenLock
    metadata: {name: partner}
    spec:
      encryptedData:
    """
        + String.join("", List.of(members).stream().map(it -> "    " + it + "\n").toList());
  }

  private String listed() {
    return ran(0, "secret", "list", "--tenant", "acme").out();
  }

  @Test
  void object_becomesSecretsUnderItsNameAndKeys_onRecord() throws Exception {
    String object =
        object(
            "API_KEY: " + base64(sealed(VALUE, false)),
            "signing.key: " + base64(sealed(VALUE + "-2", true)));
    assertThat(imported(0, object, "--dry-run").out())
        .contains("partner-api-key: would be put", "partner-signing-key: would be put");
    assertThat(listed()).doesNotContain("partner");
    assertThat(imported(0, object).out())
        .contains("partner-api-key version ", "partner-signing-key version ");
    assertThat(listed()).contains("partner-api-key", "partner-signing-key");
    assertThat(api.decisions.lines())
        .anyMatch(it -> it.startsWith("secret.put secret/acme/partner-api-key"));
  }

  @Test
  void whatIsThere_isLeftAlone_unlessReplaced() throws Exception {
    String object =
        object("A: " + base64(sealed(VALUE, false)), "B: " + base64(sealed(VALUE, false)));
    imported(0, object("B: " + base64(sealed(VALUE, false))));
    assertThat(imported(1, object).err()).contains("partner-b: there already");
    assertThat(listed()).doesNotContain("partner-a");
    assertThat(imported(0, object, "--replace").out())
        .contains("partner-a version ", "partner-b version ");
    assertThat(imported(0, object, "--prefix", "other-").out()).contains("other-a version ");
  }

  @Test
  void fileOfAnotherImplementation_opens_alsoBesideOtherIdentities() throws Exception {
    String own = Files.readString(identity);
    String theirs =
        Bech32.getEncoder()
            .encode("age-secret-key-", FIXTURE_SEED.getBytes(StandardCharsets.US_ASCII))
            .toString()
            .toUpperCase(Locale.ROOT);
    identity = identities(own + theirs + "\n");
    imported(0, object("OF_PYRAGE: " + FIXTURE, "OWN: " + base64(sealed(VALUE, false))));
    assertThat(listed()).contains("partner-of-pyrage", "partner-own");
    identity = identities(own);
    assertThat(imported(2, object("OF_PYRAGE: " + FIXTURE)).err())
        .contains("spec.encryptedData.OF_PYRAGE: does not open");
  }

  @Test
  void changedOrCutFile_putsNothing() throws Exception {
    byte[] good = sealed(VALUE, false);
    for (int at : new int[] {30, good.length / 2, good.length - 1}) {
      byte[] changed = good.clone();
      changed[at] ^= 1;
      assertThat(imported(2, object("A: " + base64(good), "B: " + base64(changed))).err())
          .contains("spec.encryptedData.B: does not open");
    }
    for (int length : new int[] {0, 10, good.length - 20, good.length - 1}) {
      byte[] cut = Arrays.copyOf(good, length);
      assertThat(imported(2, object("A: " + base64(good), "B: '" + base64(cut) + "'")).err())
          .contains("spec.encryptedData.B: ");
    }
    assertThat(listed()).doesNotContain("partner");
  }

  @Test
  void valueOfAnImpossibleSize_isRefused() throws Exception {
    for (int length : new int[] {0, 16 * 1024 + 1}) {
      assertThat(imported(2, object("A: " + base64(sealed("x".repeat(length), false)))).err())
          .contains("1 to 16384 bytes");
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      textBlock =
          """
          kind: ZenLock | kind: Secret | kind: Secret (expected: ZenLock)
          v1alpha1 | v2 | apiVersion: security.kube-zen.io/v2
          metadata: {name: partner} | metadata: {} | metadata.name: missing
          spec: | spec: {}\\nother: | spec.encryptedData: 0 keys
          spec: | spec:\\n  algorithm: rot13 | spec.algorithm: rot13 (expected: age)
          A: | A: '*'\\n    B: | spec.encryptedData.A: malformed (expected: base64 of age)
          A: | A: AAAA\\n    A: | malformed (expected: YAML, each key once)
          A: | a_b: AAAA\\n    A.B: | is partner-a-b like another key
          A: | a b: | --prefix gives another
          kind: ZenLock | kind: ZenLock\\n---\\nkind: ZenLock | expected: one ZenLock
          """)
  void objectOfAnotherForm_isRefused(String from, String to, String problem) throws Exception {
    String object = object("A: " + base64(sealed(VALUE, false)));
    String other = object.replace(from, to.translateEscapes());
    assertThat(other).isNotEqualTo(object);
    assertThat(imported(2, other).err()).contains(problem);
  }

  @Test
  void identityThatIsNone_orIsOpenToOthers_isRefused() throws Exception {
    String object = object("A: " + base64(sealed(VALUE, false)));
    String own = Files.readString(identity);
    identity = identities(own + "AGE-SECRET-KEY-1QQ\n");
    assertThat(imported(2, object).err()).contains(":4: no X25519 identity").doesNotContain("1QQ");
    identity = identities("# nothing\n");
    assertThat(imported(2, object).err()).contains("0 identities (expected: 1 to 16)");
    identity = identities(own);
    Files.setPosixFilePermissions(identity, PosixFilePermissions.fromString("rw-r--r--"));
    assertThat(imported(2, object).err()).contains("expected: rw-------");
  }
}
