package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.Archive;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives what is older than its tenant's retention, and prunes it. One pass every hour.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>An entry is pruned only after the archive that holds it was written, read again, found whole
 * by the verifier and equal to the database, and after that is on record. The order is: archive,
 * verify, record, prune; whatever fails ends the tenant's pass, and the next begins where this one
 * got: an archive that is there already is verified and used, never written over.
 */
public final class Archivist implements AutoCloseable {
  /** The most entries in one archive. */
  public static final int MOST_ENTRIES = 100_000;

  /** So that a chain has no more than an archive a day, unless it is a large one. */
  static final Duration GATHERED = Duration.ofDays(1);

  private static final Logger LOG = LoggerFactory.getLogger(Archivist.class);
  private static final Duration FIRST = Duration.ofSeconds(5);
  private static final Duration PERIOD = Duration.ofHours(1);
  private static final long END_SECONDS = 5;
  private static final Actor ACTOR = Actor.system("retention");

  private final Parts parts;
  private final int most;
  private final Map<Name, ArchiveFault> alarmed = new ConcurrentHashMap<>();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("audit-archive").daemon().factory());

  /**
   * What it works with.
   *
   * @param periods the retention of each tenant that has one
   */
  public record Parts(
      Supplier<Map<Name, Retention>> periods,
      AuditReader reader,
      SegmentStore segments,
      Checkpoints checkpoints,
      AuditTrail trail,
      ArchivePlace place,
      InstantSource clock) {}

  public Archivist(Parts parts) {
    this(parts, MOST_ENTRIES);
  }

  /**
   * @param most entries in one archive
   */
  public Archivist(Parts parts, int most) {
    this.parts = parts;
    this.most = most;
  }

  /** Begins to work, a moment from now and then every hour. */
  public void start() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::attempt, FIRST.toSeconds(), PERIOD.toSeconds(), TimeUnit.SECONDS);
  }

  private void attempt() {
    try {
      run();
    } catch (RuntimeException e) {
      LOG.error("audit: nothing archived: {}", e.getMessage());
    }
  }

  /** One pass over all tenants; what fails for one does not stop the others. */
  public void run() {
    try {
      parts.place().prove();
    } catch (ArchiveException e) {
      LOG.error("audit: nothing archived: {}", e.getMessage());
      alarm(AuditEvent.SYSTEM, e.fault());
      return;
    }
    alarmed.remove(AuditEvent.SYSTEM);
    parts
        .periods()
        .get()
        .forEach((chain, retention) -> {
          try {
            while (archived(chain, retention)) {
              // until one is not full: what is left then waits for the next pass
            }
            alarmed.remove(chain);
          } catch (ArchiveException e) {
            LOG.error("audit: chain {} not archived: {}", chain, e.getMessage());
            alarm(chain, e.fault());
          } catch (IOException | RuntimeException e) {
            LOG.error("audit: chain {} not archived: {}", chain, e.getMessage());
          }
        });
  }

  /** Of how many chains what is due cannot be archived, the whole place counting as one more. */
  public int failing() {
    return alarmed.size();
  }

  /** Puts on record, once until it works again, that what is due is not archived. */
  private void alarm(Name chain, ArchiveFault fault) {
    if (fault == alarmed.get(chain)) {
      return;
    }
    try {
      parts
          .trail()
          .record(
              new AuditEvent(
                  AuditEvent.SYSTEM,
                  ACTOR,
                  "audit.archive_failed",
                  "audit/" + chain,
                  AuditEvent.Outcome.FAILED,
                  fault.code(),
                  ""));
      alarmed.put(chain, fault);
    } catch (AuditUnavailableException e) {
      LOG.error("audit: that chain {} is not archived is not on record", chain);
    }
  }

  private boolean archived(Name chain, Retention retention) throws IOException {
    Optional<String> note = parts.checkpoints().newest();
    if (note.isEmpty()) {
      return false;
    }
    long places = SignedCheckpoint.parse(note.get()).size();
    Instant before = retention.before(parts.clock().instant());
    Optional<Segment> due =
        parts.segments().closed(chain, before, places, most).filter(it -> isDue(it, before));
    if (due.isEmpty()) {
      return false;
    }
    Optional<ArchiveName> kept = parts.place().beginningAt(chain, due.get().from());
    Segment segment = due.get();
    if (kept.isPresent()) {
      // Of a pass that was cut off: its end stays the end, if that is old enough still.
      int length = Math.toIntExact(Math.max(1, kept.get().to() - segment.from() + 1));
      Optional<Segment> same = parts.segments().closed(chain, before, places, length);
      if (same.isEmpty() || same.get().to() != kept.get().to()) {
        return false;
      }
      segment = same.get();
    } else {
      write(segment, note.get(), places);
    }
    prove(segment);
    parts
        .trail()
        .record(
            new AuditEvent(
                chain,
                ACTOR,
                "audit.archive",
                "audit/" + chain + "/" + segment.from() + "-" + segment.to() + "/" + segment.hash(),
                AuditEvent.Outcome.DONE,
                "",
                ""));
    parts.segments().prune(segment);
    LOG.info("audit: {} archived and pruned", segment);
    return segment.length() >= most;
  }

  private boolean isDue(Segment segment, Instant before) {
    long gathered = TimeUnit.SECONDS.toMicros(before.minus(GATHERED).getEpochSecond());
    return segment.length() >= most || segment.fromMicros() < gathered;
  }

  private void write(Segment segment, String note, long places) throws IOException {
    parts
        .place()
        .write(
            ArchiveName.of(segment),
            out ->
                parts
                    .reader()
                    .<Boolean>reading(view -> {
                      AuditExport.write(
                          new SegmentView(view, segment, places),
                          Optional.of(segment.chain()),
                          Optional.of(note),
                          out);
                      return true;
                    }));
  }

  /** Reads the archive again, with code that shares nothing with what has written it. */
  private void prove(Segment segment) throws IOException {
    ArchiveName name = ArchiveName.of(segment);
    Archive archive;
    try (InputStream in = parts.place().read(name)) {
      VerifierKey key = VerifierKey.parse(parts.checkpoints().verifierKey());
      archive = Archive.read(in, List.of(), List.of(key));
    }
    if (!archive.faults().isEmpty()) {
      throw ArchiveFault.ARCHIVE_DAMAGED.at(
          parts.place().shown(name), archive.faults().getFirst().toString());
    }
    boolean same =
        archive.chain().equals(segment.chain().value())
            && archive.from() == segment.from()
            && archive.to() == segment.to()
            && archive.holds(segment.to(), segment.hash());
    if (!same) {
      throw ArchiveFault.ARCHIVE_DAMAGED.at(
          parts.place().shown(name), "is not what the database holds for " + segment);
    }
  }

  /** Lets a pass that runs end, for a moment. */
  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("audit: archiving did not end in time; the next start goes on with it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
