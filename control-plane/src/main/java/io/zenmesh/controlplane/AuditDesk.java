package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.audit.Archivist;
import io.zenmesh.controlplane.audit.AuditBrokenException;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.AuditView;
import io.zenmesh.controlplane.audit.CheckpointFiles;
import io.zenmesh.controlplane.audit.CheckpointKeeper;
import io.zenmesh.controlplane.audit.CheckpointSigner;
import io.zenmesh.controlplane.audit.CheckpointStart;
import io.zenmesh.controlplane.audit.CheckpointedNumbers;
import io.zenmesh.controlplane.audit.CheckpointedTrail;
import io.zenmesh.controlplane.audit.CorrelatedTrail;
import io.zenmesh.controlplane.audit.GroupCommitTrail;
import io.zenmesh.controlplane.audit.LogStore;
import io.zenmesh.controlplane.audit.MerkleLog;
import io.zenmesh.controlplane.audit.NumberedTrail;
import io.zenmesh.controlplane.store.postgres.Database;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.file.Path;
import java.time.InstantSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit record put together: proved against its checkpoint first, then signed, then written.
 * There is a checkpoint before there is an entry.
 */
final class AuditDesk implements AutoCloseable {
  /** What the process itself is called on record. */
  static final Actor ACTOR = Actor.system("control-plane");

  private static final Logger LOG = LoggerFactory.getLogger(AuditDesk.class);
  private static final String PROCESS = "process/control-plane";

  private final GroupCommitTrail writer;
  private final CheckpointKeeper keeper;
  private final AuditTrail trail;
  private final NumberedTrail numbers;

  private AuditDesk(GroupCommitTrail writer, NumberedTrail numbers, CheckpointKeeper keeper) {
    this.numbers = new CheckpointedNumbers(numbers, keeper);
    this.writer = writer;
    this.keeper = keeper;
    this.trail = new CorrelatedTrail(new CheckpointedTrail(writer, keeper));
  }

  /**
   * Proves the record and continues it.
   *
   * @param folder outside the database, where checkpoints are kept
   * @param acceptMissing whether a record without a checkpoint is taken as it is
   * @param key the private key of checkpoints; closed here
   * @throws AuditBrokenException when the record may not be continued
   */
  static AuditDesk open(
      Database database, Path folder, boolean acceptMissing, SecretBytes key, InstantSource clock) {
    CheckpointFiles files = new CheckpointFiles(folder);
    LogStore store = database.logStore();
    String log = database.auditReader().reading(AuditView::log);
    MerkleLog tree = new MerkleLog(store);
    CheckpointStart.Found found = CheckpointStart.prove(files, log, store, tree, acceptMissing);
    CheckpointSigner signer;
    try (key) {
      signer = CheckpointSigner.of(log, key);
    }
    CheckpointKeeper keeper = new CheckpointKeeper(store, files, signer, log, tree);
    AuditDesk desk =
        new AuditDesk(
            new GroupCommitTrail(database.auditStore(clock)),
            database.numberedTrail(clock),
            keeper);
    try {
      keeper.start();
      if (found == CheckpointStart.Found.UNPROVED) {
        LOG.warn("audit: the record was taken without a checkpoint");
        desk.note("audit.accept_missing_checkpoint", "audit/" + log, AuditEvent.Outcome.DONE);
      }
      desk.note("process.start", PROCESS, AuditEvent.Outcome.DONE);
      return desk;
    } catch (RuntimeException e) {
      desk.close();
      throw e;
    }
  }

  /** Where events are put on record. */
  AuditTrail trail() {
    return trail;
  }

  /** Where sources put on record what they number. */
  NumberedTrail numbers() {
    return numbers;
  }

  /** Who signs what is on record. */
  CheckpointKeeper keeper() {
    return keeper;
  }

  /** Who archives what is older than its tenant's retention; not yet started. */
  Archivist archivist(Database database, ArchivePlace place, InstantSource clock) {
    return new Archivist(
        new Archivist.Parts(
            database::retentions,
            database.auditReader(),
            database.segmentStore(),
            keeper,
            trail,
            place,
            clock));
  }

  private void noteEnd() {
    try {
      note("process.stop", PROCESS, AuditEvent.Outcome.DONE);
    } catch (RuntimeException e) {
      LOG.warn("audit: the end is not on record: {}", e.getMessage());
    }
  }

  private void note(String action, String object, AuditEvent.Outcome outcome) {
    trail.record(new AuditEvent(AuditEvent.SYSTEM, ACTOR, action, object, outcome, "", ""));
  }

  /** Puts the end on record, when it can, and a checkpoint behind it. */
  @Override
  public void close() {
    noteEnd();
    writer.close();
    keeper.close();
  }
}
