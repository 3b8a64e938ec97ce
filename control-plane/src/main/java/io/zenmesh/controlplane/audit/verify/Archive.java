package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A segment of one chain as an archive file holds it, checked by itself: an export of one chain
 * with the checkpoint that covers it. Immutable once read.
 *
 * <p>Its own checkpoint shows that the file is whole; that nobody made the whole file anew shows
 * only against keys, and checkpoints from elsewhere.
 */
public final class Archive {
  private final ExportItem.Cut before;
  private final HashColumn hashes;
  private final List<Fault> faults;

  private Archive(ExportItem.Cut before, HashColumn hashes, List<Fault> faults) {
    this.before = before;
    this.hashes = hashes;
    this.faults = List.copyOf(faults);
  }

  /**
   * Reads and checks one; an unreadable file is a fault like others.
   *
   * @param trusted checkpoints whose signatures were checked
   * @param keys who must have signed the archive's own; none means that its signature is not
   *     checked
   */
  public static Archive read(
      InputStream in, List<SignedCheckpoint> trusted, List<VerifierKey> keys) {
    Reading reading = new Reading(trusted, keys);
    try {
      ExportReader.read(in, reading::accept);
    } catch (IOException e) {
      reading.faults.add(new Fault.Outside(String.valueOf(e.getMessage())));
    }
    return reading.end();
  }

  /** Whose entries they are; empty when there are none. */
  public String chain() {
    return before.chain();
  }

  /** The entry before the first. */
  ExportItem.Cut before() {
    return before;
  }

  /** The first entry. */
  public long from() {
    return before.seq() + 1;
  }

  /** The last entry. */
  public long to() {
    return hashes.next() - 1;
  }

  /** Whether it holds the entry of that number, with that hash. */
  public boolean holds(long seq, Hash hash) {
    return seq >= from() && seq <= to() && !hashes.differs(seq, hash);
  }

  HashColumn hashes() {
    return hashes;
  }

  /** What is wrong with the file, first things first; empty when all is good. */
  public List<Fault> faults() {
    return faults;
  }

  private static final class Reading {
    private final List<SignedCheckpoint> trusted;
    private final List<VerifierKey> keys;
    private final List<Fault> faults = new ArrayList<>();
    private Optional<ExportItem.Header> header = Optional.empty();
    private Optional<SignedCheckpoint> own = Optional.empty();
    private Optional<RecordVerifier> verifier = Optional.empty();
    private Optional<ExportItem.Cut> before = Optional.empty();
    private Optional<HashColumn> hashes = Optional.empty();
    private long inLog;

    Reading(List<SignedCheckpoint> trusted, List<VerifierKey> keys) {
      this.trusted = trusted;
      this.keys = keys;
    }

    void accept(ExportItem item) {
      switch (item) {
        case ExportItem.Header it when verifier.isEmpty() && header.isEmpty() ->
            header = Optional.of(it);
        case ExportItem.Note(String note) when verifier.isEmpty() && own.isEmpty() ->
            own = checkpoint(note);
        case ExportItem.Header it -> begun().accept(it);
        case ExportItem.Note it -> begun().accept(it);
        case ExportItem.End it -> begun().accept(it);
        case ExportItem.Cut it -> {
          before = before.or(() -> Optional.of(it));
          begun().accept(it);
        }
        case ExportItem.Entry it -> {
          entry(it.entry());
          begun().accept(it);
        }
        case ExportItem.Leaf it -> {
          it.leaf().entry().ifPresent(place -> inLog = Math.max(inLog, place.seq()));
          begun().accept(it);
        }
      }
    }

    private Optional<SignedCheckpoint> checkpoint(String note) {
      try {
        SignedCheckpoint read = SignedCheckpoint.parse(note);
        if (!keys.isEmpty() && !read.signedBy(keys)) {
          faults.add(new Fault.Outside("its checkpoint is not signed by the keys"));
        }
        return Optional.of(read);
      } catch (IllegalArgumentException e) {
        faults.add(new Fault.Outside(String.valueOf(e.getMessage())));
        return Optional.empty();
      }
    }

    /** Only now: what comes first says which checkpoints are to be met. */
    private RecordVerifier begun() {
      if (verifier.isEmpty()) {
        List<SignedCheckpoint> met = new ArrayList<>();
        own.ifPresent(met::add);
        trusted.stream()
            .filter(it -> own.isPresent() && it.size() <= own.get().size())
            .forEach(met::add);
        RecordVerifier made = new RecordVerifier(met);
        header.ifPresent(made::accept);
        verifier = Optional.of(made);
      }
      return verifier.get();
    }

    private void entry(ClaimedEntry entry) {
      if (hashes.isEmpty()) {
        before =
            before.or(() ->
                Optional.of(new ExportItem.Cut(entry.chain(), 0, Hash.of(new byte[Hash.BYTES]))));
        hashes = Optional.of(new HashColumn(before.get().seq() + 1));
      }
      if (!entry.chain().equals(before.map(ExportItem.Cut::chain).orElse(""))) {
        faults.add(new Fault.AtEntry(entry.chain(), entry.seq(), "is of another chain"));
      } else if (entry.seq() == hashes.get().next()) {
        hashes.get().add(entry.hash());
      }
    }

    Archive end() {
      RecordVerifier.Report report = begun().finish();
      faults.addAll(report.faults());
      if (own.isEmpty()) {
        faults.add(new Fault.Outside("no checkpoint (expected: the one that covers it)"));
      }
      if (hashes.isEmpty()) {
        faults.add(new Fault.Outside("no entries (expected: a segment of a chain)"));
      }
      HashColumn column = hashes.orElseGet(() -> new HashColumn(1));
      ExportItem.Cut cut =
          before.orElseGet(() -> new ExportItem.Cut("", 0, Hash.of(new byte[Hash.BYTES])));
      if (faults.isEmpty() && inLog != column.next() - 1) {
        faults.add(new Fault.AtEntry(cut.chain(), inLog + 1, "has no place in the log"));
      }
      return new Archive(cut, column, faults);
    }
  }
}
