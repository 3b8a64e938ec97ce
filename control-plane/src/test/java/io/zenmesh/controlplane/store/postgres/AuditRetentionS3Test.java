package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.cli.ZenctlRun;
import io.zenmesh.controlplane.store.s3.FakeS3;
import io.zenmesh.controlplane.store.s3.S3Archives;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The same with archives in an S3-compatible store: what is verified is what was downloaded. */
class AuditRetentionS3Test extends AuditRetentionFixture {
  private static final String OLD = "audit_entry where chain = 'acme' and seq <= 25";
  private static final String FIRST =
      "zen/audit/acme/0000000000000000001-0000000000000000010.jsonl.gz";

  private FakeS3 s3;

  @BeforeEach
  void serve() {
    s3 = new FakeS3();
  }

  @AfterEach
  void leave() {
    s3.close();
  }

  @Override
  ArchivePlace place() {
    return S3Archives.of(s3.address("archive"));
  }

  /** As an operator does, with whatever copies objects. */
  private void download() throws IOException {
    for (Map.Entry<String, byte[]> object : s3.objects().entrySet()) {
      Path file = folder.resolve(object.getKey().replaceFirst("zen/audit", "archive"));
      Files.createDirectories(file.getParent());
      Files.write(file, object.getValue());
    }
  }

  @Test
  void A16_oldEntries_areArchivedInS3_pruned_andVerifyFromWhatIsDownloaded()
      throws IOException, SQLException {
    fill();
    archive();
    assertThat(s3.objects())
        .containsOnlyKeys(
            FIRST,
            "zen/audit/acme/0000000000000000011-0000000000000000020.jsonl.gz",
            "zen/audit/acme/0000000000000000021-0000000000000000025.jsonl.gz");
    assertThat(count(OLD)).isZero();
    assertThat(count("audit_cut where chain = 'acme' and seq = 25")).isEqualTo(1);
    record(TestEvents.ACME, 30, 33, 0);
    keeper().close();
    download();
    RecordVerifier.Report report = verify(Optional.of(TestEvents.ACME));
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(5 + 3 + 3);
    assertThat(report.covered()).isEqualTo(25 + 5 + 7 + 3 + 3);
  }

  private ZenctlRun zenctl() throws IOException {
    Path export = folder.resolve("acme.jsonl");
    Files.write(export, export(Optional.of(TestEvents.ACME)));
    return ZenctlRun.of(
        folder.resolve("none.yaml"),
        "audit",
        "verify",
        "--export",
        export.toString(),
        "--from-checkpoint",
        folder.resolve("audit/checkpoint").toString(),
        "--key",
        folder.resolve("audit/verifier-keys").toString(),
        "--archive",
        folder.resolve("archive/acme").toString());
  }

  @Test
  void A16_whatIsDownloaded_isVerifiedByZenctl_andWhatIsChangedOrMissing_isNamed()
      throws IOException {
    fill();
    archive();
    keeper().close();
    download();
    ZenctlRun whole = zenctl();
    assertThat(whole.err()).isEmpty();
    assertThat(whole.exitCode()).isZero();
    assertThat(whole.out()).contains("archive of chain acme: entries 11 to 20");
    Path second = folder.resolve("archive/acme/0000000000000000011-0000000000000000020.jsonl.gz");
    byte[] bytes = Files.readAllBytes(second);
    bytes[bytes.length / 2] ^= 1;
    Files.write(second, bytes);
    ZenctlRun changed = zenctl();
    assertThat(changed.exitCode()).isEqualTo(3);
    assertThat(changed.err()).startsWith("first bad position: " + second + ": ");
    Files.delete(second);
    ZenctlRun missing = zenctl();
    assertThat(missing.exitCode()).isEqualTo(3);
    assertThat(missing.err()).contains("chain acme entry 11");
  }

  @ParameterizedTest
  @CsvSource({
    "PUT, 503, SlowDown, archive_unavailable, audit/acme",
    "PUT, 403, AccessDenied, archive_denied, audit/acme",
    "HEAD, 403, AccessDenied, archive_denied, audit/acme",
    "GET, 404, NoSuchBucket, archive_missing, audit/system",
  })
  void A16_storeThatFails_prunesNothing_isAnAlarmOnRecordOnce_andWorksAgain(
      String method, int status, String code, String reason, String object)
      throws IOException, SQLException {
    fill();
    try (ArchivePlace place = place();
        CheckpointKeeper keeper = keeper();
        Archivist archivist =
            new Archivist(
                new Archivist.Parts(
                    database::retentions,
                    database.auditReader(),
                    database.segmentStore(),
                    keeper,
                    trail,
                    place,
                    Clock.systemUTC()),
                MOST)) {
      s3.fail(method, status, code, Integer.MAX_VALUE);
      archivist.run();
      archivist.run();
      assertThat(s3.objects()).isEmpty();
      assertThat(count(OLD)).isEqualTo(25);
      assertThat(count("audit_cut")).isZero();
      String alarm =
          "audit_entry where chain = 'system' and action = 'audit.archive_failed'"
              + " and outcome = 'failed' and object = '%s' and reason = '%s'"
                  .formatted(object, reason);
      assertThat(count(alarm)).isEqualTo(1);
      assertThat(archivist.failing()).isEqualTo(1);
      s3.fail("", 0, "", 0);
      archivist.run();
      assertThat(archivist.failing()).isZero();
      assertThat(count(OLD)).isZero();
      s3.fail("GET", status, code, Integer.MAX_VALUE);
      archivist.run();
      assertThat(count("audit_entry where action = 'audit.archive_failed'")).isEqualTo(2);
    }
  }

  @Test
  void A16_storeThatKeepsSomethingElse_keepsTheEntries() throws SQLException {
    fill();
    s3.storeChanged(true);
    archive();
    s3.storeChanged(false);
    archive();
    assertThat(count(OLD)).isEqualTo(25);
    assertThat(count("audit_cut")).isZero();
    assertThat(count("audit_entry where reason = 'archive_damaged'")).isEqualTo(2);
  }

  @Test
  void A16_objectThatWasChangedBeforePruning_keepsTheEntries() throws SQLException {
    fill();
    archive(new Dying(database.segmentStore(), false), trail);
    byte[] changed = Objects.requireNonNull(s3.objects().get(FIRST)).clone();
    changed[changed.length / 2] ^= 1;
    s3.objects().put(FIRST, changed);
    archive();
    assertThat(count(OLD)).isEqualTo(25);
    assertThat(count("audit_cut")).isZero();
  }
}
