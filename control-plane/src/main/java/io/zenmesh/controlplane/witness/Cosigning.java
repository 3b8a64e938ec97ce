package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.audit.Checkpoints;
import io.zenmesh.controlplane.audit.DurableText;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Has each new checkpoint cosigned by a witness, on a thread of its own: nothing waits for it. The
 * newest that is cosigned lies in the file {@code cosigned} beside the checkpoints. A witness that
 * is away is logged once; one that says the record was forked or rolled back is logged as an error
 * and put on record. Thread-safe.
 */
public final class Cosigning implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Cosigning.class);
  private static final long PERIOD_MILLIS = 1_000;

  private final Checkpoints checkpoints;
  private final WitnessClient client;
  private final WitnessKey key;
  private final Path folder;
  private final AuditTrail trail;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("audit-witness").daemon().factory());
  private long known;
  private String done = "";
  private boolean away;
  private boolean alarmed;

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
  }

  /** Looks for a new checkpoint each second from now on. */
  public void start() {
    var unused =
        timer.scheduleWithFixedDelay(this::attempt, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** Has the newest cosigned unless it is. */
  synchronized void attempt() {
    String newest = checkpoints.newest().orElse("");
    if (newest.equals(done)) {
      return;
    }
    try {
      ask(true);
    } catch (IOException | RuntimeException e) {
      missing(String.valueOf(e.getMessage()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
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
      default -> missing("answered " + reply.status());
    }
  }

  private void keep(Checkpoints.Proof found, String line) throws IOException {
    String cosigned = found.checkpoint() + line;
    if (key.cosigned(SignedCheckpoint.parse(cosigned)).isEmpty()) {
      missing("its cosignature is not of the key");
      return;
    }
    DurableText.replace(folder, "cosigned", cosigned);
    known = found.size();
    done = found.checkpoint();
    away = false;
    alarmed = false;
  }

  private void missing(String reason) {
    if (!away) {
      LOG.warn("audit: witness {}: no cosignature: {}", key.name(), reason);
    }
    away = true;
  }

  private void alarm(String reason) {
    if (alarmed) {
      return;
    }
    LOG.error("audit: witness {}: {}", key.name(), reason);
    trail.record(
        new AuditEvent(
            AuditEvent.SYSTEM,
            Actor.system("control-plane"),
            "audit.witness_refused",
            "witness/" + key.name(),
            AuditEvent.Outcome.FAILED,
            "record_not_continued",
            ""));
    alarmed = true;
  }

  @Override
  public void close() {
    timer.shutdownNow();
    client.close();
  }
}
