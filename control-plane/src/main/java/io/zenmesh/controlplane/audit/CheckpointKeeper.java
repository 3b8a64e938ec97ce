package io.zenmesh.controlplane.audit;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings entries into the log and signs what the log has become: every ten seconds, and whenever
 * this process has recorded a thousand more. Thread-safe.
 *
 * <p>What is younger than the newest checkpoint is held together by its chain alone.
 */
public final class CheckpointKeeper implements Checkpoints, AutoCloseable {
  /** The longest that an entry stays without a checkpoint while the process runs, in seconds. */
  public static final long PERIOD_SECONDS = 10;

  /** How many entries of this process call for one at once. */
  public static final int ENTRIES = 1_000;

  private static final Logger LOG = LoggerFactory.getLogger(CheckpointKeeper.class);
  private static final int AT_ONCE = 10_000;
  private static final long END_SECONDS = 5;

  private final LogStore store;
  private final CheckpointFiles files;
  private final CheckpointSigner signer;
  private final String log;
  private final MerkleLog tree;
  private final AtomicLong sinceLast = new AtomicLong();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("audit-checkpoint").daemon().factory());
  private volatile Optional<String> newest = Optional.empty();
  private volatile Optional<String> fault = Optional.empty();
  private volatile List<String> verifierKeys = List.of();
  private boolean failing;
  private long signed = -1;

  /**
   * @param tree as far as the start has read it
   */
  public CheckpointKeeper(
      LogStore store, CheckpointFiles files, CheckpointSigner signer, String log, MerkleLog tree) {
    this.store = store;
    this.files = files;
    this.signer = signer;
    this.log = log;
    this.tree = tree;
  }

  /**
   * Makes a checkpoint at once, so that there is one from the first entry on, and begins to make
   * them regularly.
   *
   * @throws AuditBrokenException when it cannot be written
   */
  public void start() {
    try {
      verifierKeys = files.remember(signer.verifierKey());
      checkpoint();
    } catch (IOException e) {
      throw new AuditBrokenException("audit: " + files + " cannot be written: " + e.getMessage());
    }
    var unused =
        timer.scheduleWithFixedDelay(
            this::attempt, PERIOD_SECONDS, PERIOD_SECONDS, TimeUnit.SECONDS);
  }

  /** To be told how many entries were recorded; after the end too, which signs them itself. */
  public void recorded(int entries) {
    long before = sinceLast.getAndAdd(entries);
    if (before < ENTRIES && before + entries >= ENTRIES) {
      try {
        timer.execute(this::attempt);
      } catch (RejectedExecutionException e) {
        // Closed. What is recorded is recorded, and its caller must not be told otherwise.
        LOG.debug("audit: no checkpoint at {} entries: ended", ENTRIES);
      }
    }
  }

  @Override
  public Optional<String> newest() {
    return newest;
  }

  @Override
  public String verifierKey() {
    return signer.verifierKey();
  }

  @Override
  public List<String> verifierKeys() {
    return verifierKeys;
  }

  /** What is wrong with the record, found while running; empty when nothing is. */
  public Optional<String> fault() {
    return fault;
  }

  @Override
  public synchronized Optional<Proof> inclusion(long position) {
    return newest
        .filter(it -> position < signed)
        .map(it -> new Proof(it, signed, tree.inclusion(position, signed)));
  }

  @Override
  public synchronized Optional<Proof> consistency(long size) {
    return newest
        .filter(it -> size >= 1 && size <= signed)
        .map(it -> new Proof(it, signed, tree.consistency(size, signed)));
  }

  private void attempt() {
    try {
      checkpoint();
      failing = false;
    } catch (IOException | RuntimeException e) {
      if (!failing) {
        LOG.error("audit: no checkpoint: {}", e.getMessage());
      }
      failing = true;
    }
  }

  /** Brings into the log what is not yet there, and signs it when it has grown. */
  synchronized void checkpoint() throws IOException {
    sinceLast.set(0);
    while (store.integrate(AT_ONCE) == AT_ONCE) {
      // until all are in
    }
    long before = tree.size();
    store.from(before, tree::append);
    if (before > 0 && store.between(before - 1, before).isEmpty()) {
      fault = Optional.of("the database holds less than its checkpoint covers");
      LOG.error("audit: {}", fault.get());
      return;
    }
    if (tree.size() == signed) {
      return;
    }
    String note = signer.sign(new Checkpoint(log, tree.size(), tree.root()));
    files.write(note);
    newest = Optional.of(note);
    signed = tree.size();
  }

  @Override
  public void close() {
    timer.shutdown();
    try {
      if (!timer.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("audit: checkpoint did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (signed >= 0) {
      attempt(); // so that an orderly end leaves nothing without one
    }
  }
}
