package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.DurableText;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has each new checkpoint cosigned by a witness, on a thread of its own: nothing waits for it. The
 * newest that is cosigned lies in the file {@code cosigned} beside the checkpoints. A witness that
 * is away is logged once; one that says the record was forked or rolled back is logged as an error
 * once, and put on record, tried until it is there. Thread-safe.
 */
public final class Cosigning implements AutoCloseable {
  /** What becomes of asking a witness. */
  public enum Outcome {
    /** The newest checkpoint has its cosignature. */
    COSIGNED,
    /** The record does not continue what it has cosigned. */
    REFUSED,
    /** It does not answer. */
    UNREACHABLE,
    /** It answers something else, or with another key. */
    UNEXPECTED
  }

  private static final Logger LOG = LoggerFactory.getLogger(Cosigning.class);
  private static final long PERIOD_MILLIS = 1_000;
  private static final String FILE = "cosigned";

  private final Checkpoints checkpoints;
  private final WitnessClient client;
  private final WitnessKey key;
  private final Path folder;
  private final AuditTrail trail;
  private final Map<Outcome, LongAdder> asked = new EnumMap<>(Outcome.class);
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("audit-witness").daemon().factory());
  private volatile Optional<Cosigned> newest = Optional.empty();
  private long known;
  private String done = "";
  private boolean away;
  private boolean refused;
  private boolean refusalOnRecord;
  private boolean recordAway;

  /**
   * @param client closed here
   * @param folder where checkpoints are kept
   */
  public Cosigning(
      Checkpoints checkpoints,
      WitnessClient client,
      WitnessKey key,
      Path folder,
      AuditTrail trail) {
    this.checkpoints = checkpoints;
    this.client = client;
    this.key = key;
    this.folder = folder;
    this.trail = trail;
    for (Outcome outcome : Outcome.values()) {
      asked.put(outcome, new LongAdder());
    }
  }

  /** Shows what was cosigned before, and looks for a new checkpoint each second from now on. */
  public void start() {
    newest = kept();
    var unused =
        timer.scheduleWithFixedDelay(this::attempt, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The newest that is cosigned; empty when none is, or what was kept of it is not good. */
  public Optional<Cosigned> newest() {
    return newest;
  }

  /** How often asking has ended so, since the start. */
  public long asked(Outcome outcome) {
    return asked.getOrDefault(outcome, new LongAdder()).sum();
  }

  private Optional<Cosigned> kept() {
    try {
      Optional<String> note = DurableText.read(folder.resolve(FILE));
      return note.flatMap(this::good);
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("audit: {} cannot be read: {}", FILE, e.getMessage());
      return Optional.empty();
    }
  }

  /** Empty unless this log has signed it and the witness has cosigned it. */
  private Optional<Cosigned> good(String note) {
    SignedCheckpoint checkpoint = SignedCheckpoint.parse(note);
    boolean ours =
        checkpoint.signedBy(checkpoints.verifierKeys().stream().map(VerifierKey::parse).toList());
    Optional<Instant> time = ours ? key.cosigned(checkpoint) : Optional.empty();
    return time.map(it -> new Cosigned(note, checkpoint.size(), it));
  }

  /** Has the newest cosigned unless it is. */
  synchronized void attempt() {
    if (checkpoints.newest().orElse("").equals(done)) {
      return;
    }
    try {
      ask(true);
    } catch (IOException e) {
      missing(Outcome.UNREACHABLE, reason(e));
    } catch (RuntimeException e) {
      missing(Outcome.UNEXPECTED, reason(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static String reason(Exception failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }

  private void ask(boolean again) throws IOException, InterruptedException {
    Optional<Checkpoints.Proof> proof = checkpoints.consistency(Math.max(1, known));
    if (proof.isEmpty()) {
      if (known > 0) {
        alarm("the witness has cosigned " + known + " entries, the record has less");
      }
      return; // an empty log has nothing to be cosigned
    }
    Checkpoints.Proof found = proof.get();
    WitnessClient.Reply reply =
        client.ask(
            AddCheckpoint.form(known, known == 0 ? List.of() : found.path(), found.checkpoint()));
    switch (reply.status()) {
      case 200 -> keep(found, reply.body());
      case 409 -> {
        String size = reply.body().strip();
        if (again && size.matches("0|[1-9][0-9]{0,17}") && Long.parseLong(size) != known) {
          known = Long.parseLong(size);
          ask(false);
        } else {
          alarm("the witness has cosigned another record of " + known + " entries");
        }
      }
      case 422 -> alarm("the record does not continue the " + known + " entries it had");
      default -> missing(Outcome.UNEXPECTED, "answered " + reply.status());
    }
  }

  private void keep(Checkpoints.Proof found, String line) throws IOException {
    Optional<Cosigned> cosigned = good(found.checkpoint() + line);
    if (cosigned.isEmpty()) {
      missing(Outcome.UNEXPECTED, "its cosignature is not of the key");
      return;
    }
    DurableText.replace(folder, FILE, cosigned.get().note());
    newest = cosigned;
    known = found.size();
    done = found.checkpoint();
    count(Outcome.COSIGNED);
    if (away || refused) {
      LOG.info("audit: witness {}: cosigns again", key.name());
    }
    away = false;
    refused = false;
    refusalOnRecord = false;
    recordAway = false;
  }

  private void count(Outcome outcome) {
    asked.getOrDefault(outcome, new LongAdder()).increment();
  }

  private void missing(Outcome outcome, String reason) {
    count(outcome);
    if (!away) {
      LOG.warn("audit: witness {}: no cosignature: {}", key.name(), reason);
    }
    away = true;
  }

  private void alarm(String reason) {
    count(Outcome.REFUSED);
    if (!refused) {
      LOG.error("audit: witness_refused: witness {}: {}", key.name(), reason);
    }
    refused = true;
    if (!refusalOnRecord) {
      putOnRecord();
    }
  }

  /** Tried again with the next question when the record is away. */
  private void putOnRecord() {
    try {
      trail.record(
          new AuditEvent(
              AuditEvent.SYSTEM,
              Actor.system("control-plane"),
              "audit.witness_refused",
              "witness/" + key.name(),
              AuditEvent.Outcome.FAILED,
              "record_not_continued",
              ""));
      refusalOnRecord = true;
    } catch (RuntimeException e) {
      if (!recordAway) {
        LOG.warn("audit: the witness's refusal is not on record yet: {}", e.getMessage());
      }
      recordAway = true;
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    client.close();
  }
}
