package io.zenmesh.controlplane.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.abort;

import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.ArchivePlaceContract;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/**
 * The same against moto's server, which was written by others after S3. Installed from PyPI by this
 * test; skipped, with the reason, where that is not possible.
 */
@Tag("slow")
class MotoS3Test extends ArchivePlaceContract {
  private static final String MOTO = "moto[s3,server]==5.2.5";
  private static final long PATIENCE_SECONDS = 300;
  private static final int TRIES = 150;

  @TempDir static Path folder;
  private static final List<Process> STARTED = new ArrayList<>();
  private static URI endpoint = URI.create("http://127.0.0.1");
  private static int buckets;

  private final List<S3Archives> opened = new ArrayList<>();
  private String bucket = "";

  @BeforeAll
  static void serve() throws Exception {
    Path home = folder.resolve("venv");
    Path log = folder.resolve("log.txt");
    int status = run(log, "python3", "-m", "venv", home.toString());
    if (status == 0) {
      String pip = home.resolve("bin/pip").toString();
      status = run(log, pip, "install", "--quiet", "--disable-pip-version-check", MOTO);
    }
    if (status != 0) {
      String reason = "SKIPPED, nothing was checked: " + MOTO + ": " + Files.readString(log);
      System.err.println(reason);
      abort(reason);
    }
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    STARTED.add(
        new ProcessBuilder(
                home.resolve("bin/moto_server").toString(), "-H", "127.0.0.1", "-p", "" + port)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start());
    endpoint = URI.create("http://127.0.0.1:" + port);
    for (int i = 0; i < TRIES && !answers(port); i++) {
      Thread.sleep(200);
    }
    assertThat(answers(port)).as(Files.readString(log, StandardCharsets.UTF_8)).isTrue();
    FakeS3.credentials(true);
  }

  private static boolean answers(int port) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 500);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static int run(Path log, String... command) throws IOException, InterruptedException {
    Process process;
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
    } catch (IOException e) {
      Files.writeString(log, String.valueOf(e.getMessage()));
      return 127;
    }
    if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
    return process.exitValue();
  }

  @AfterAll
  static void leave() throws InterruptedException {
    FakeS3.credentials(false);
    for (Process process : STARTED) {
      process.destroyForcibly().waitFor();
    }
  }

  @BeforeEach
  void makeBucket() {
    bucket = "archive-" + ++buckets;
    try (S3Client s3 = client()) {
      s3.createBucket(it -> it.bucket(bucket));
    }
  }

  @AfterEach
  void end() {
    opened.forEach(S3Archives::close);
  }

  private static S3Client client() {
    return S3Client.builder()
        .region(Region.US_EAST_1)
        .endpointOverride(endpoint)
        .forcePathStyle(true)
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  private S3Archives open(String name) {
    S3Archives archives =
        S3Archives.of(
            S3Address.parse("s3://" + name + "/zen", "us-east-1", Optional.of(endpoint), true));
    opened.add(archives);
    return archives;
  }

  @Override
  protected ArchivePlace place() {
    return open(bucket);
  }

  @Override
  protected ArchivePlace missing() {
    return open("nowhere");
  }

  @Override
  protected void plant(String path, byte[] bytes) {
    try (S3Client s3 = client()) {
      s3.putObject(it -> it.bucket(bucket).key("zen/" + path), RequestBody.fromBytes(bytes));
    }
  }

  @Override
  protected Optional<byte[]> planted(String path) {
    try (S3Client s3 = client()) {
      return Optional.of(
          s3.getObjectAsBytes(it -> it.bucket(bucket).key("zen/" + path)).asByteArray());
    } catch (NoSuchKeyException e) {
      return Optional.empty();
    }
  }

  /**
   * So that the contract above is known to have met the condition, not only the question before.
   */
  @Test
  void server_keepsTheCondition() throws IOException {
    write(place(), FIRST, text("one"));
    try (S3Client s3 = client()) {
      assertThatThrownBy(() ->
              s3.putObject(
                  it -> it.bucket(bucket).key("zen/" + FIRST.path()).ifNoneMatch("*"),
                  RequestBody.fromString("two")))
          .isInstanceOf(S3Exception.class)
          .extracting(it -> ((S3Exception) it).statusCode())
          .isEqualTo(412);
    }
  }
}
