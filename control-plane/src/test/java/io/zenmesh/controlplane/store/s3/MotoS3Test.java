package io.zenmesh.controlplane.store.s3;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.ArchivePlaceContract;
import io.zenmesh.controlplane.outside.MotoServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  @TempDir static Path folder;
  private static MotoServer moto;
  private static int buckets;

  private final List<S3Archives> opened = new ArrayList<>();
  private String bucket = "";

  @BeforeAll
  static void serve() throws Exception {
    moto = MotoServer.start(folder);
    FakeS3.credentials(true);
  }

  @AfterAll
  static void leave() throws InterruptedException {
    FakeS3.credentials(false);
    if (moto != null) {
      moto.close();
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
        .endpointOverride(moto.endpoint())
        .forcePathStyle(true)
        .httpClientBuilder(UrlConnectionHttpClient.builder())
        .build();
  }

  private S3Archives open(String name) {
    S3Archives archives =
        S3Archives.of(
            S3Address.parse(
                "s3://" + name + "/zen", "us-east-1", Optional.of(moto.endpoint()), true));
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
