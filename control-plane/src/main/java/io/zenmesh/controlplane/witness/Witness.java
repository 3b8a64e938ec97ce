package io.zenmesh.controlplane.witness;

import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Cosigns checkpoints of known logs, and only those that continue the last one it has cosigned.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Of one log it never cosigns two checkpoints that contradict each other, nor a smaller one
 * after a larger, whatever restarts happen between: what it cosigns is on disk before anybody sees
 * the signature. The first checkpoint of a log is taken as it is. Thread-safe; requests about one
 * log are answered one after the other.
 */
public final class Witness implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Witness.class);

  private final Cosigner cosigner;
  private final WitnessState state;
  private final Map<String, Witnessed> logs;

  /** One log; its monitor is what makes requests wait for each other. */
  private static final class Witnessed {
    private final String origin;
    private final List<VerifierKey> keys;
    private Optional<SignedCheckpoint> last;
    private boolean doubtful;

    Witnessed(String origin, List<VerifierKey> keys, Optional<SignedCheckpoint> last) {
      this.origin = origin;
      this.keys = keys;
      this.last = last;
    }
  }

  /** What to answer: a status of HTTP and a text. */
  record Answer(int status, String type, String body) {}

  private Witness(Cosigner cosigner, WitnessState state, Map<String, Witnessed> logs) {
    this.cosigner = cosigner;
    this.state = state;
    this.logs = logs;
  }

  /**
   * Takes the folder and reads what was cosigned before.
   *
   * @param folder what it remembers; of this witness alone
   * @param logKeys of the logs it cosigns; each key bears the name of its log
   * @throws IOException when the folder cannot be used, is in use, or is not of this witness
   */
  public static Witness open(Path folder, Cosigner cosigner, List<VerifierKey> logKeys)
      throws IOException {
    WitnessState state = WitnessState.open(folder, WitnessKey.parse(cosigner.verifierKey()));
    try {
      Map<String, Witnessed> logs = new HashMap<>();
      for (VerifierKey key : logKeys) {
        if (!logs.containsKey(key.name())) {
          List<VerifierKey> keys =
              logKeys.stream().filter(it -> it.name().equals(key.name())).toList();
          logs.put(key.name(), new Witnessed(key.name(), keys, state.last(key.name())));
        }
      }
      return new Witness(cosigner, state, Map.copyOf(logs));
    } catch (IOException e) {
      state.close();
      throw e;
    }
  }

  /** The public key that cosignatures are checked with. */
  public String verifierKey() {
    return cosigner.verifierKey();
  }

  /** Answers one request to {@code /add-checkpoint}. */
  Answer add(byte[] body) {
    AddCheckpoint asked;
    try {
      asked = AddCheckpoint.parse(body);
    } catch (IllegalArgumentException e) {
      return plain(Verdict.Reason.MALFORMED.status(), String.valueOf(e.getMessage()));
    }
    Optional<Witnessed> log = Optional.ofNullable(logs.get(asked.checkpoint().origin()));
    return log.map(it -> add(it, asked)).orElseGet(() -> refused(Verdict.Reason.ORIGIN_UNKNOWN));
  }

  private Answer add(Witnessed log, AddCheckpoint asked) {
    synchronized (log) {
      if (log.doubtful && !readAgain(log)) {
        return plain(503, "state: cannot be read");
      }
      return switch (Verdict.of(asked, log.keys, log.last)) {
        case Verdict.Cosign(SignedCheckpoint.SignatureLine by) -> cosign(log, asked, by);
        case Verdict.Conflict(long size) -> {
          LOG.warn(
              "{}: size {} was asked to continue {}",
              log.origin,
              asked.checkpoint().size(),
              asked.old());
          yield new Answer(409, "text/x.tlog.size", size + "\n");
        }
        case Verdict.Refuse(Verdict.Reason reason) -> {
          LOG.warn("{}: size {} refused: {}", log.origin, asked.checkpoint().size(), reason);
          yield refused(reason);
        }
      };
    }
  }

  private Answer cosign(
      Witnessed log, AddCheckpoint asked, SignedCheckpoint.SignatureLine signature) {
    String text = asked.checkpoint().text();
    String line = cosigner.line(text);
    String cosigned = text + "\n\u2014 " + signature.name() + " " + signature.value() + "\n" + line;
    try {
      state.remember(log.origin, cosigned);
    } catch (IOException e) {
      log.doubtful = true; // it may be on disk all the same, and be read there
      LOG.error("{}: cannot be remembered, so not cosigned: {}", log.origin, e.getMessage());
      return plain(503, "state: cannot be written");
    }
    log.last = Optional.of(SignedCheckpoint.parse(cosigned));
    return new Answer(200, "text/plain; charset=utf-8", line);
  }

  private boolean readAgain(Witnessed log) {
    try {
      log.last = state.last(log.origin);
      log.doubtful = false;
      return true;
    } catch (IOException e) {
      LOG.error("{}: cannot be read: {}", log.origin, e.getMessage());
      return false;
    }
  }

  private static Answer refused(Verdict.Reason reason) {
    return plain(
        reason.status(),
        switch (reason) {
          case MALFORMED -> "old: beyond the checkpoint (expected: at most its size)";
          case NOT_SIGNED -> "checkpoint: not signed by a key of its log";
          case ORIGIN_UNKNOWN -> "origin: unknown";
          case NOT_CONSISTENT -> "proof: does not show that the log was continued";
        });
  }

  private static Answer plain(int status, String text) {
    return new Answer(status, "text/plain; charset=utf-8", text + "\n");
  }

  @Override
  public void close() throws IOException {
    state.close();
  }
}
