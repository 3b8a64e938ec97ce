package io.zenmesh.controlplane.store.postgres;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.controlplane.audit.ArchiveFolder;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditExport;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.CheckpointSigner;
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
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * A record on a real database of which acme keeps 90 days, globex everything, and what archives it.
 */
@ExtendWith(PostgresExtension.class)
abstract class AuditRetentionFixture {
  static final int MOST = 10;

  @TempDir Path folder;
  final SecretBytes key = TestEvents.seed();
  PostgresAddress address;
  Database database;
  GroupCommitTrail trail;

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

  void asSuperuser(String sql) throws SQLException {
    TestPostgres.execute(TestPostgres.superuserOf(address), "set search_path = zen; " + sql);
  }

  long count(String from) throws SQLException {
    try (Connection superuser = TestPostgres.superuserOf(address);
        Statement statement = superuser.createStatement();
        ResultSet row = statement.executeQuery("select count(*) from zen." + from)) {
      row.next();
      return row.getLong(1);
    }
  }

  /** Puts events on record that many days ago. */
  void record(Name chain, int from, int to, int daysAgo) {
    InstantSource then =
        InstantSource.offset(InstantSource.system(), Duration.ofDays(daysAgo).negated());
    database
        .auditStore(then)
        .append(
            IntStream.range(from, to)
                .<AuditEvent>mapToObj(i -> TestEvents.event(chain, i))
                .toList());
  }

  CheckpointFiles files() {
    return new CheckpointFiles(folder.resolve("audit"));
  }

  /** Brings everything into the log and signs it. */
  CheckpointKeeper keeper() {
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

  /** Where archives are kept; closed by who archives. */
  ArchivePlace place() {
    return new ArchiveFolder(folder.resolve("archive"));
  }

  void archive(SegmentStore segments, AuditTrail recordedTo) {
    try (ArchivePlace place = place();
        CheckpointKeeper keeper = keeper();
        Archivist archivist =
            new Archivist(
                new Archivist.Parts(
                    database::retentions,
                    database.auditReader(),
                    segments,
                    keeper,
                    recordedTo,
                    place,
                    Clock.systemUTC()),
                MOST)) {
      archivist.run();
    }
  }

  void archive() {
    archive(database.segmentStore(), trail);
  }

  List<Path> archives() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("archive"))) {
      return all.filter(Files::isRegularFile).sorted().toList();
    }
  }

  static Archive read(Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return Archive.read(in, List.of(), List.of());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What is left in the database, of one chain or of all. */
  byte[] export(Optional<Name> only) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    database
        .auditReader()
        .reading(view -> {
          AuditExport.write(view, only, Optional.empty(), out);
          return true;
        });
    return out.toByteArray();
  }

  /** Everything that is left, with the archives before it, against every checkpoint there was. */
  RecordVerifier.Report verify(Optional<Name> only) throws IOException {
    byte[] export = export(only);
    List<Archive> read = archives().stream().map(AuditRetentionFixture::read).toList();
    assertThat(read).allSatisfy(it -> assertThat(it.faults()).isEmpty());
    ArchivedChains chains = new ArchivedChains(read);
    assertThat(chains.faults()).isEmpty();
    RecordVerifier verifier =
        new RecordVerifier(
            SignedCheckpoint.parseAll(Files.readString(files().history())), Optional.of(chains));
    ExportReader.read(new ByteArrayInputStream(export), verifier::accept);
    return verifier.finish();
  }

  void fill() {
    record(TestEvents.ACME, 0, 25, 100);
    record(TestEvents.ACME, 25, 30, 10);
    record(TestEvents.GLOBEX, 0, 7, 100);
  }

  /** A store that fails at the first prune, before it or just after. */
  record Dying(SegmentStore store, boolean after) implements SegmentStore {
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
}
