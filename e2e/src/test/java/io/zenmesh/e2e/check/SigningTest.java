package io.zenmesh.e2e.check;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SigningTest {
  private static final Instant AT = Instant.ofEpochSecond(1_764_000_000);
  private static final String ID = "0f8fad5bd9cb469fa16570867728950e";

  /** Two implementations that share no code agree, so neither verifies its own mistake. */
  @ParameterizedTest
  @CsvSource({
    "zen,zenk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8,x-zen-signature",
    "github,0123456789abcdef0123456789abcdef01234567,x-hub-signature-256",
    "gitlab-token,0123456789abcdef0123456789abcdef01234567,x-gitlab-token",
    "stripe,whsec_0123456789abcdef0123456789abcdef,stripe-signature",
    "standard-webhooks,whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=,webhook-signature"
  })
  void headers_ofEachScheme_equalTheEngines(
      String scheme, String secret, String header, @TempDir Path directory) throws IOException {
    Path file = directory.resolve("secret");
    Files.writeString(file, secret + "\n");
    ByteString body = ByteString.copyFromUtf8("{\"caf\u00e9\":1}\r\n");
    WireRequest request = WireRequest.post("Hooks.acme.test:18443", "/acme/x?y=z", body, List.of());

    List<Field> ours = Signing.headers(scheme, file, request, AT, ID);

    boolean standard = scheme.equals("standard-webhooks");
    Map<String, String> engines =
        SchemeSigner.sign(
            Catalogue.bundled().find(scheme).orElseThrow(),
            SecretBytes.copyOf(secret.getBytes(StandardCharsets.UTF_8)),
            new SchemeSigner.Message(
                "POST", "hooks.acme.test:18443", "/acme/x?y=z", body.asReadOnlyByteBuffer()),
            new SchemeSigner.Delivery(AT, standard ? "msg_" + ID : ID));
    String expected =
        engines.entrySet().stream()
            .filter(entry -> entry.getKey().equalsIgnoreCase(header))
            .map(Map.Entry::getValue)
            .findFirst()
            .orElseThrow();
    assertThat(Field.values(ours, header)).containsExactly(expected);
  }
}
