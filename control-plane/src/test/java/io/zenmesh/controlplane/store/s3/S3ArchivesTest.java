package io.zenmesh.controlplane.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.ArchiveFault;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.ArchivePlaceContract;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class S3ArchivesTest extends ArchivePlaceContract {
  private static final S3Archives.Patience SHORT =
      new S3Archives.Patience(Duration.ofMillis(400), Duration.ofMillis(1_500));

  private final List<S3Archives> opened = new ArrayList<>();
  @TempDir Path spools;
  private FakeS3 s3;

  @BeforeEach
  void start() {
    s3 = new FakeS3();
  }

  @AfterEach
  void end() {
    opened.forEach(S3Archives::close);
    s3.close();
    // Nothing of an archive stays on this machine, however it went.
    assertThat(spools).isEmptyDirectory();
  }

  private S3Archives open(String bucket, S3Archives.Patience patience) {
    S3Archives archives = S3Archives.of(s3.address(bucket), patience, spools);
    opened.add(archives);
    return archives;
  }

  private S3Archives hasty() {
    return open(FakeS3.BUCKET, SHORT);
  }

  @Override
  protected ArchivePlace place() {
    return open(
        FakeS3.BUCKET, new S3Archives.Patience(Duration.ofSeconds(10), Duration.ofSeconds(60)));
  }

  @Override
  protected ArchivePlace missing() {
    return open("elsewhere", SHORT);
  }

  @Override
  protected void plant(String path, byte[] bytes) {
    s3.objects().put("zen/audit/" + path, bytes);
  }

  @Override
  protected Optional<byte[]> planted(String path) {
    return Optional.ofNullable(s3.objects().get("zen/audit/" + path));
  }

  @Test
  void A16_somebodyElseWasQuicker_hisArchiveStays() throws IOException {
    write(place(), FIRST, text("theirs"));
    s3.hide();
    refused(ArchiveFault.ARCHIVE_CONFLICT, () -> write(place(), FIRST, text("ours")));
    assertThat(unpacked(place(), FIRST)).isEqualTo(text("theirs"));
    write(place(), FIRST, text("theirs"));
  }

  @Test
  void A16_answerThatIsLost_isNoConflictWithItself() throws IOException {
    s3.loseAnswers();
    write(place(), FIRST, text("one"));
    assertThat(s3.asked()).containsExactly("HEAD", "PUT", "PUT", "GET");
    assertThat(unpacked(place(), FIRST)).isEqualTo(text("one"));
  }

  @ParameterizedTest
  @EnumSource(
      value = FakeS3.Condition.class,
      names = {"IGNORED", "REFUSED"})
  void A16_storeWithoutConditions_isAskedFirst_andNotWrittenOver(FakeS3.Condition how)
      throws IOException {
    s3.condition(how);
    write(place(), FIRST, text("one"));
    write(place(), FIRST, text("one"));
    refused(ArchiveFault.ARCHIVE_CONFLICT, () -> write(place(), FIRST, text("two")));
    assertThat(unpacked(place(), FIRST)).isEqualTo(text("one"));
  }

  @Test
  void A16_storeThatKeepsSomethingElse_isFoundOut() {
    s3.storeChanged(true);
    refused(ArchiveFault.ARCHIVE_DAMAGED, () -> write(place(), FIRST, text("one")));
  }

  @ParameterizedTest
  @CsvSource({
    "STALLED, ARCHIVE_TIMED_OUT",
    "DRIPPING, ARCHIVE_TIMED_OUT",
    "CUT_OFF, ARCHIVE_UNAVAILABLE",
    "CHANGED, ARCHIVE_DAMAGED",
    "CHANGED_UNSAID, ARCHIVE_DAMAGED",
    "ENDLESS, ARCHIVE_ANSWER_UNKNOWN"
  })
  void A16_bodyThatIsNotWhole_isNoArchive(FakeS3.Body kind, ArchiveFault fault) {
    s3.body(kind);
    refused(fault, () -> write(hasty(), FIRST, text("a text that is long enough to be cut")));
  }

  @Test
  void A16_objectThatWasChangedInTheStore_isNotRead() throws IOException {
    write(place(), FIRST, text("a text that is long enough to be changed"));
    s3.body(FakeS3.Body.CHANGED);
    refused(ArchiveFault.ARCHIVE_DAMAGED, () -> place().read(FIRST).close());
  }

  @Test
  void listThatHasWhatWasNotAskedFor_leadsNobodyAstray() throws IOException {
    s3.listAll();
    plant("a/0", text("short"));
    plant("globex/0000000000000000001-0000000000000000005.jsonl.gz", text("theirs"));
    plant("blob/0000000000000000001-0000000000000000005.jsonl.gz", text("as long a name"));
    assertThat(place().beginningAt(ACME, 1)).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "503, SlowDown, ARCHIVE_UNAVAILABLE, 3",
    "500, InternalError, ARCHIVE_UNAVAILABLE, 3",
    "429, TooManyRequests, ARCHIVE_UNAVAILABLE, 3",
    "403, AccessDenied, ARCHIVE_DENIED, 1",
    "401, Unauthorized, ARCHIVE_DENIED, 1",
    "404, NoSuchBucket, ARCHIVE_MISSING, 1",
    "409, ConditionalRequestConflict, ARCHIVE_UNAVAILABLE, 1",
    "400, EntityTooLarge, ARCHIVE_TOO_LARGE, 1",
    "400, BadDigest, ARCHIVE_DAMAGED, 1",
    "301, PermanentRedirect, ARCHIVE_ANSWER_UNKNOWN, 1",
  })
  void A16_putThatIsRefused_hasACode_andIsTriedAsOftenAsItMayHelp(
      int status, String code, ArchiveFault fault, int attempts) {
    s3.fail("PUT", status, code, 10);
    refused(fault, () -> write(place(), FIRST, text("one")));
    assertThat(s3.asked().stream().filter("PUT"::equals)).hasSize(attempts);
    assertThat(s3.objects()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"HEAD", "GET", "PUT"})
  void A16_twoFailures_areOutlived(String method) throws IOException {
    s3.fail(method, 503, "SlowDown", 2);
    write(place(), FIRST, text("one"));
    assertThat(unpacked(place(), FIRST)).isEqualTo(text("one"));
  }

  @Test
  void A16_everyCall_hasItsCode_andTellsNoTextOfTheServer() {
    s3.fail("GET", 403, "AccessDenied", 10);
    refused(ArchiveFault.ARCHIVE_DENIED, () -> place().prove());
    refused(ArchiveFault.ARCHIVE_DENIED, () -> place().beginningAt(ACME, 1));
    refused(ArchiveFault.ARCHIVE_DENIED, () -> place().read(FIRST).close());
    assertThatThrownBy(() -> place().prove())
        .hasMessage(
            "archive_denied: s3://archive/zen/audit: answered 403 AccessDenied (expected:"
                + " credentials that may list, get and put)");
    s3.fail("HEAD", 403, "AccessDenied", 10);
    refused(ArchiveFault.ARCHIVE_DENIED, () -> write(place(), FIRST, text("one")));
  }

  @Test
  void A16_storeThatDoesNotAnswer_isGivenUp() {
    s3.delay(30_000);
    refused(ArchiveFault.ARCHIVE_TIMED_OUT, () -> hasty().prove());
    refused(ArchiveFault.ARCHIVE_TIMED_OUT, () -> write(hasty(), FIRST, text("one")));
  }

  @Test
  void A16_nothingThere_isUnreachable() {
    s3.leave();
    refused(ArchiveFault.ARCHIVE_UNREACHABLE, () -> hasty().prove());
    refused(ArchiveFault.ARCHIVE_UNREACHABLE, () -> write(hasty(), FIRST, text("one")));
  }

  @Test
  void addressOfAnotherForm_isRefused() {
    for (String place :
        List.of("s3://", "s3://A", "s3://ab", "s3://bucket//x", "s3://bucket/a b", "bucket")) {
      assertThatThrownBy(() -> S3Address.parse(place, "eu-central-1", Optional.empty(), false))
          .as(place)
          .hasMessageContaining("(expected: a directory, or s3://BUCKET[/PREFIX])");
    }
    for (String url : List.of("http://s3.example", "https://u@s3", "https://s3/x", "s3")) {
      assertThatThrownBy(
              () -> S3Address.parse("s3://bucket", "eu-1", Optional.of(URI.create(url)), true))
          .as(url)
          .hasMessageContaining("expected: https://HOST[:PORT]");
    }
    assertThatThrownBy(() -> S3Address.parse("s3://bucket", "EU 1", Optional.empty(), false))
        .hasMessageContaining("expected: a region");
    assertThat(S3Address.parse("s3://bucket/", "eu-1", Optional.empty(), false))
        .hasToString("s3://bucket");
  }
}
