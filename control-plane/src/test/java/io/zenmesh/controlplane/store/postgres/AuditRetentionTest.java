package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.ArchiveFolder;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.AuditBrokenException;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.CheckpointStart;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.Segment;
import io.zenmesh.controlplane.audit.SegmentStore;
import io.zenmesh.controlplane.audit.TestEvents;
import io.zenmesh.controlplane.audit.verify.Archive;
import io.zenmesh.controlplane.audit.verify.ArchivedChains;
import io.zenmesh.controlplane.audit.verify.ExportReader;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archiving and pruning on a real database: acme keeps 90 days, globex everything. */
@ExtendWith(PostgresExtension.class)
class AuditRetentionTest {
  private static final int MOST = 10;

  @TempDir Path folder;
  private final SecretBytes key = TestEvents.seed();
  private PostgresAddress address;
  private Database database;
  private GroupCommitTrail trail;

  @BeforeEach
  void open() throws SQLException, IOException {
    Files.createDirectory(folder.resolve("archive"));
    address = TestPostgres.freshDatabase();
    database = Database.open(address, true);
    asSuperuser(
        "insert into tenant (name, audit_retention_days) values ('acme', 90), ('globex', null)");
    trail = new GroupCommitTrail(database.auditStore(Clock.systemUTC()));
  }

  @AfterEach
  void end() {
    trail.close();
    database.close();
    key.close();
  }

  private void asSuperuser(String sql) throws SQLException {
    TestPostgres.execute(TestPostgres.superuserOf(address), "set search_path = zen; " + sql);
  }

  private long count(String from) throws SQLException {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from zen." + from)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Puts events on record that many days ago. */
  private void record(Name chain, int from, int to, int daysAgo) {
    InstantSource then =
        InstantSource.offset(InstantSource.system(), Duration.ofDays(daysAgo).negated());
    database
        .auditStore(then)
        .append(
            IntStream.range(from, to)
                .<AuditEvent>mapToObj(i -> TestEvents.event(chain, i))
                .toList());
  }

  private CheckpointFiles files() {
    return new CheckpointFiles(folder.resolve("audit"));
  }

  /** Brings everything into the log and signs it. */
  private CheckpointKeeper keeper() {
    String log = database.auditReader().reading(AuditView::log);
    CheckpointKeeper keeper =
        new CheckpointKeeper(
            database.logStore(),
            files(),
            CheckpointSigner.of(log, key),
            log,
            new MerkleLog(database.logStore()));
    keeper.start();
    return keeper;
  }

  private void archive(SegmentStore segments, AuditTrail recordedTo) {
    try (CheckpointKeeper keeper = keeper();
        Archivist archivist =
            new Archivist(
                new Archivist.Parts(
                    database::retentions,
                    database.auditReader(),
                    segments,
                    keeper,
                    recordedTo,
                    new ArchiveFolder(folder.resolve("archive")),
                    Clock.systemUTC()),
                MOST)) {
      archivist.run();
    }
  }

  private void archive() {
    archive(database.segmentStore(), trail);
  }

  /** As another control plane would, whose checkpoints nobody here trusts. */
  private void archiveUnderAnotherKey() {
    String log = database.auditReader().reading(AuditView::log);
    try (SecretBytes other = TestEvents.seed();
        CheckpointKeeper keeper =
            new CheckpointKeeper(
                database.logStore(),
                new CheckpointFiles(folder.resolve("elsewhere")),
                CheckpointSigner.of(log, other),
                log,
                new MerkleLog(database.logStore()));
        Archivist archivist =
            new Archivist(
                new Archivist.Parts(
                    database::retentions,
                    database.auditReader(),
                    new Dying(database.segmentStore(), false),
                    keeper,
                    trail,
                    new ArchiveFolder(folder.resolve("archive")),
                    Clock.systemUTC()),
                MOST)) {
      keeper.start();
      archivist.run();
    }
  }

  private List<Path> archives() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("archive"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  private static Archive read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Archive.read(in, List.of(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Everything that is left, with the archives before it, against every checkpoint there was. */
  private RecordVerifier.Report verify(Optional<Name> only) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    database
        .auditReader()
        .reading(view -> {
          AuditExport.write(view, only, Optional.empty(), out);
          return true;
        });
    List<Archive> read = archives().stream().map(AuditRetentionTest::read).toList();
    assertThat(read).allSatisfy(it -> assertThat(it.faults()).isEmpty());
    ArchivedChains chains = new ArchivedChains(read);
    assertThat(chains.faults()).isEmpty();
    RecordVerifier verifier =
        new RecordVerifier(
            SignedCheckpoint.parseAll(Files.readString(files().history())), Optional.of(chains));
    ExportReader.read(new ByteArrayInputStream(out.toByteArray()), verifier::accept);
    return verifier.finish();
  }

  private void fill() {
    record(TestEvents.ACME, 0, 25, 100);
    record(TestEvents.ACME, 25, 30, 10);
    record(TestEvents.GLOBEX, 0, 7, 100);
  }

  @Test
  void A16_oldEntries_areArchivedThenPruned_andTheChainVerifiesAcrossTheCut()
      throws IOException, SQLException {
    fill();
    archive();
    assertThat(archives())
        .extracting(it -> folder.resolve("archive").relativize(it).toString())
        .containsExactly(
            "acme/0000000000000000001-0000000000000000010.jsonl.gz",
            "acme/0000000000000000011-0000000000000000020.jsonl.gz",
            "acme/0000000000000000021-0000000000000000025.jsonl.gz");
    for (Path file : archives()) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
    }
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isZero();
    assertThat(count("audit_entry where chain = 'acme'")).isEqualTo(5 + 3);
    assertThat(count("audit_entry where action = 'audit.archive' and actor_id = 'retention'"))
        .isEqualTo(3);
    assertThat(count("audit_entry where chain = 'globex'")).isEqualTo(7);
    assertThat(count("audit_leaf where chain = 'acme' and seq <= 25")).isEqualTo(25);
    // What is recorded after the cut is tied to it, and the log goes on as if nothing had gone.
    record(TestEvents.ACME, 30, 33, 0);
    keeper().close();
    RecordVerifier.Report report = verify(Optional.of(TestEvents.ACME));
    assertThat(report.faults()).isEmpty();
    assertThat(report.entries()).isEqualTo(5 + 3 + 3);
    assertThat(report.covered()).isEqualTo(25 + 5 + 7 + 3 + 3);
    assertThat(verify(Optional.empty()).faults()).isEmpty();
  }

  @Test
  void youngEntries_stay_andADayIsGathered() throws IOException, SQLException {
    record(TestEvents.ACME, 0, 5, 90);
    archive();
    assertThat(archives()).isEmpty();
    asSuperuser("update tenant set audit_retention_days = 88 where name = 'acme'");
    archive();
    assertThat(archives()).hasSize(1);
    // The newest stays, however old: the chain has an end that the next one is tied to.
    assertThat(count("audit_entry where chain = 'acme'")).isEqualTo(2);
  }

  @Test
  void F16_A06_start_stillProvesAPrunedRecord_andRefusesAChangedOne() throws SQLException {
    fill();
    archive();
    String log = database.auditReader().reading(AuditView::log);
    assertThat(
            CheckpointStart.prove(
                files(), log, database.logStore(), new MerkleLog(database.logStore()), false))
        .isEqualTo(CheckpointStart.Found.PROVED);
    asSuperuser(
        "alter table audit_leaf disable trigger stays;"
            + " update audit_leaf set hash = sha256(hash) where chain = 'acme' and seq = 3;"
            + " alter table audit_leaf enable trigger stays");
    assertThatThrownBy(() ->
            CheckpointStart.prove(
                files(), log, database.logStore(), new MerkleLog(database.logStore()), false))
        .isInstanceOf(AuditBrokenException.class)
        .hasMessageContaining("has another root than the first");
  }

  @ParameterizedTest
  @EnumSource(Login.class)
  void A02_A16_noLogin_deletesOrCutsByItself(Login login) throws SQLException {
    fill();
    keeper().close();
    for (String sql :
        List.of(
            "delete from audit_entry where chain = 'acme' and seq = 1",
            "truncate audit_entry",
            "delete from audit_leaf",
            "delete from audit_cut",
            "insert into audit_cut (chain, seq, hash) values ('acme', 1, sha256(''))")) {
      assertThat(refusal(login, sql))
          .as(login + ": " + sql)
          .containsAnyOf(
              "permission denied",
              "read-only transaction",
              "refused (expected: append only)",
              "violates row-level security");
    }
    if (login != Login.RETENTION) {
      assertThat(refusal(login, prune("acme", 1, 5)))
          .containsAnyOf("permission denied", "read-only transaction", "refused (expected: from");
    }
    assertThat(refusal(login, "set role zen_owner; delete from audit_entry"))
        .containsAnyOf("permission denied", "refused (expected: append only)");
    assertThat(count("audit_entry")).isEqualTo(37);
    assertThat(count("audit_cut")).isZero();
  }

  @Test
  void A02_A16_evenASuperuser_isRefused() throws SQLException {
    fill();
    keeper().close();
    for (String sql :
        List.of(
            "delete from audit_entry",
            "set role zen_owner; delete from audit_entry",
            "set session authorization zen_retention; delete from audit_entry",
            prune("acme", 1, 5))) {
      assertThatThrownBy(() -> asSuperuser(sql)).as(sql).isInstanceOf(SQLException.class);
    }
    assertThat(count("audit_entry")).isEqualTo(37);
  }

  private String prune(String chain, long from, long to) throws SQLException {
    return prune(chain, from, to, hash(chain, to));
  }

  private static String prune(String chain, long from, long to, String hash) {
    return "select audit_prune('%s', %d, %d, decode('%s', 'hex'))".formatted(chain, from, to, hash);
  }

  private String hash(String chain, long seq) throws SQLException {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet row =
            statement.executeQuery(
                "select encode(hash, 'hex') from zen.audit_entry where chain = '"
                    + chain
                    + "' and seq = "
                    + seq)) {
      row.next();
      return row.getString(1);
    }
  }

  private String refusal(Login login, String sql) throws SQLException {
    try (Connection connection = TestPostgres.loginOf(address, login);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
      return "done";
    } catch (SQLException e) {
      return String.valueOf(e.getMessage());
    }
  }

  @Test
  void A16_door_opensForExactlyTheOldestClosedSegment() throws SQLException {
    fill();
    keeper().close();
    record(TestEvents.ACME, 30, 31, 0);
    String good = prune("acme", 1, 5);
    for (String sql :
        List.of(
            prune("acme", 2, 5), // leaves a hole
            prune("acme", 1, 5, hash("acme", 4)), // another hash
            prune("acme", 1, 5, hash("globex", 5)), // another chain's
            prune("acme", 1, 26), // younger than the retention
            prune("acme", 1, 31), // the newest
            prune("acme", 5, 1), // backwards
            prune("acme", 1, 99, hash("acme", 5)), // past the end
            prune("globex", 1, 5), // keeps everything
            prune("system", 1, 1, hash("acme", 1)))) {
      assertThat(refusal(Login.RETENTION, sql)).as(sql).contains(" refused (expected: ");
    }
    asSuperuser("update tenant set audit_retention_days = 5 where name = 'acme'");
    record(TestEvents.ACME, 31, 32, 0);
    assertThat(refusal(Login.RETENTION, prune("acme", 1, 31)))
        .as("not in the log")
        .contains("refused (expected: entries of the log");
    assertThat(count("audit_entry")).isEqualTo(39);
    assertThat(refusal(Login.RETENTION, good)).isEqualTo("done");
    assertThat(refusal(Login.RETENTION, good)).as("done before").isEqualTo("done");
    assertThat(count("audit_entry")).isEqualTo(34);
    assertThat(refusal(Login.RETENTION, prune("acme", 1, 6))).contains("expected: from 6 to ");
    assertThat(count("audit_cut where chain = 'acme' and seq = 5")).isEqualTo(1);
  }

  @Test
  void archive_isOnRecordBeforeAnythingGoes() throws SQLException, IOException {
    fill();
    AuditTrail full =
        events -> {
          throw new AuditUnavailableException("audit: full", new IllegalStateException());
        };
    archive(database.segmentStore(), full);
    assertThat(archives()).hasSize(1);
    assertThat(count("audit_entry")).isEqualTo(37);
    assertThat(count("audit_cut")).isZero();
  }

  /** Where a crash may cut a pass off. */
  private enum Crash {
    WHILE_WRITING,
    BEFORE_RECORD,
    BEFORE_PRUNE,
    AFTER_PRUNE
  }

  @ParameterizedTest
  @EnumSource
  void A16_crashAtAnyStep_isDoneAgainWithoutHarm(Crash crash) throws IOException, SQLException {
    fill();
    SegmentStore store = database.segmentStore();
    switch (crash) {
      case WHILE_WRITING -> {
        Path acme = Files.createDirectory(folder.resolve("archive").resolve("acme"));
        Files.writeString(
            acme.resolve("0000000000000000001-0000000000000000010.jsonl.gz.new"), "torn");
      }
      case BEFORE_RECORD ->
          archive(
              store,
              events -> {
                throw new AuditUnavailableException("crash", new IllegalStateException());
              });
      case BEFORE_PRUNE -> archive(new Dying(store, false), trail);
      case AFTER_PRUNE -> archive(new Dying(store, true), trail);
    }
    assertThat(verifyLeft(crash)).isTrue();
    List<Path> left = archives();
    archive();
    assertThat(archives()).hasSize(3);
    if (crash != Crash.WHILE_WRITING) {
      assertThat(archives()).containsAll(left);
    }
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isZero();
    keeper().close();
    assertThat(verify(Optional.empty()).faults()).isEmpty();
  }

  private boolean verifyLeft(Crash crash) throws IOException {
    return crash == Crash.WHILE_WRITING || verify(Optional.empty()).faults().isEmpty();
  }

  /** A store that fails at the first prune, before it or just after. */
  private record Dying(SegmentStore store, boolean after) implements SegmentStore {
    @Override
    public Optional<Segment> closed(Name chain, Instant before, long places, int most) {
      return store.closed(chain, before, places, most);
    }

    @Override
    public void prune(Segment segment) {
      if (after) {
        store.prune(segment);
      }
      throw new AuditUnavailableException("crash", new IllegalStateException());
    }
  }

  @Test
  void A16_archiveSignedByAnother_keepsTheEntries() throws IOException, SQLException {
    fill();
    archiveUnderAnotherKey();
    assertThat(archives()).hasSize(1);
    archive();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
    assertThat(count("audit_cut")).isZero();
  }

  @Test
  void A16_archiveFolderThatIsMissing_isNotMade_andTheEntriesStay()
      throws IOException, SQLException {
    fill();
    Files.delete(folder.resolve("archive"));
    archive();
    assertThat(folder.resolve("archive")).doesNotExist();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
  }

  @ParameterizedTest
  @ValueSource(strings = {"damaged", "foreign", "short"})
  void A16_archiveThatIsNotWhole_keepsTheEntries(String kind) throws IOException, SQLException {
    fill();
    archive(new Dying(database.segmentStore(), false), trail);
    Path file = archives().getFirst();
    switch (kind) {
      case "damaged" -> {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
      }
      case "foreign" -> {
        record(TestEvents.GLOBEX, 7, 20, 95);
        asSuperuser("update tenant set audit_retention_days = 90 where name = 'globex'");
        asSuperuser("update tenant set audit_retention_days = null where name = 'acme'");
        archive(new Dying(database.segmentStore(), false), trail);
        asSuperuser("update tenant set audit_retention_days = 90 where name = 'acme'");
        Files.write(file, Files.readAllBytes(archives().getLast()));
      }
      default -> Files.write(file, new byte[0]);
    }
    archive();
    assertThat(count("audit_entry where chain = 'acme' and seq <= 25")).isEqualTo(25);
    assertThat(count("audit_cut where chain = 'acme'")).isZero();
  }
}
