package io.zenmesh.controlplane.audit;

import io.zenmesh.controlplane.audit.verify.ClaimedEntry;
import io.zenmesh.controlplane.audit.verify.ClaimedLeaf;
import io.zenmesh.controlplane.audit.verify.ExportItem;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** An export in memory, and what somebody with all rights on the database could make of it. */
public final class TamperedRecord {
  private final List<ClaimedEntry> entries = new ArrayList<>();
  private final List<ClaimedLeaf> leaves = new ArrayList<>();
  private String log = "";

  /** The ways of security.md 1.8. */
  public enum Operator {
    A01_EDIT,
    A02_DELETE,
    A03_SWAP,
    A04_CUT_TAIL,
    A05_FORK,
    A06_RESTORE_OLDER,
    A07_REWRITE,
    A08_INSERT_BACK_DATED,
    A09_FLIP_BIT,
    A10_DUPLICATE_SEQUENCE,
    A11_SWAP_IDENTITY,
    A12_CHANGE_BETWEEN_GOOD_ENDS
  }

  /** Where the earliest change was made; position -1 when the whole record is another's. */
  public record Place(String chain, long seq, long position) {}

  /** Takes an item of a clean export. */
  public void take(ExportItem item) {
    switch (item) {
      case ExportItem.Header header -> log = header.log();
      case ExportItem.Entry(ClaimedEntry entry) -> entries.add(entry);
      case ExportItem.Leaf(ClaimedLeaf leaf) -> leaves.add(leaf);
      case ExportItem.Note note -> {}
      case ExportItem.Cut cut -> {}
      case ExportItem.End end -> {}
    }
  }

  /** One to spoil. */
  public TamperedRecord copy() {
    TamperedRecord copy = new TamperedRecord();
    copy.log = log;
    copy.entries.addAll(entries);
    copy.leaves.addAll(leaves);
    return copy;
  }

  /** As it would be exported. */
  public List<ExportItem> items() {
    List<ExportItem> items = new ArrayList<>();
    items.add(new ExportItem.Header(log));
    Stream.of("acme", "globex")
        .forEach(chain ->
            entries.stream()
                .filter(it -> it.chain().equals(chain))
                .forEach(it -> items.add(new ExportItem.Entry(it))));
    leaves.forEach(it -> items.add(new ExportItem.Leaf(it)));
    items.add(new ExportItem.End(entries.size(), leaves.size()));
    return items;
  }

  /** Does it, at a random place. */
  public Place tamper(Operator operator, Random random) {
    int at = random.nextInt(entries.size());
    ClaimedEntry entry = entries.get(at);
    Place place = place(entry);
    switch (operator) {
      case A01_EDIT -> {
        ClaimedEntry edited = edited(entry, random.nextInt(9), random);
        // With its hash brought up to date, or not; and the log's place too, or not.
        boolean rehashed = random.nextBoolean();
        entries.set(at, rehashed ? tied(edited, previous(at)) : edited);
        if (rehashed && random.nextBoolean()) {
          leafOf(at, entries.get(at).hash());
        }
      }
      case A02_DELETE -> {
        entries.remove(at);
        if (random.nextBoolean()) {
          removeLeaf(place);
        }
      }
      case A03_SWAP -> {
        int other = neighbour(at);
        ClaimedEntry next = entries.get(other);
        entries.set(at, placed(next, entry.seq(), next.hash()));
        entries.set(other, placed(entry, next.seq(), entry.hash()));
        return place(entry.seq() < next.seq() ? entry : next);
      }
      case A04_CUT_TAIL -> {
        long position = place.position();
        keep(it -> place(it).position() < position, position);
      }
      case A05_FORK -> rewriteFrom(entry, edited(entry, 3, random));
      case A06_RESTORE_OLDER -> {
        long position = place.position();
        ClaimedEntry first = entry;
        keep(it -> place(it).position() < position, position);
        goOn(first.chain(), 1 + random.nextInt(5));
      }
      case A07_REWRITE -> {
        ClaimedEntry first = chain(entry.chain()).getFirst();
        rewriteFrom(first, edited(first, 4, random));
        return place(first);
      }
      case A08_INSERT_BACK_DATED -> {
        ClaimedEntry forged = edited(entry, 4, random);
        entries.add(at, tied(forged, previous(at)));
      }
      case A09_FLIP_BIT -> flipBit(at, random);
      case A10_DUPLICATE_SEQUENCE -> {
        ClaimedEntry twin = edited(entry, 3, random);
        entries.add(at + 1, twin);
        // The second of two is the one out of place.
        return new Place(entry.chain(), entry.seq() + 1, -2);
      }
      case A11_SWAP_IDENTITY -> {
        return swapIdentity(entry, random);
      }
      case A12_CHANGE_BETWEEN_GOOD_ENDS -> {
        Hash other = EntryFormat.genesis("other", entry.chain());
        leafOf(at, other);
        if (random.nextBoolean()) {
          entries.set(at, placed(entry, entry.seq(), other));
        }
      }
    }
    return place;
  }

  private Place swapIdentity(ClaimedEntry entry, Random random) {
    if (random.nextBoolean()) {
      log = log + "x";
      return new Place(entry.chain(), 1, -1);
    }
    String other = entry.chain().equals("acme") ? "globex" : "acme";
    ClaimedEntry first = chain(other).getFirst();
    List<ClaimedEntry> shown = chain(entry.chain());
    entries.removeIf(it -> it.chain().equals(other));
    shown.forEach(it -> entries.add(renamed(it, other)));
    return place(first);
  }

  private List<ClaimedEntry> chain(String chain) {
    return entries.stream().filter(it -> it.chain().equals(chain)).toList();
  }

  private Place place(ClaimedEntry entry) {
    Optional<ClaimedLeaf.Place> wanted =
        Optional.of(new ClaimedLeaf.Place(entry.chain(), entry.seq()));
    long position =
        leaves.stream()
            .filter(it -> it.entry().equals(wanted))
            .mapToLong(ClaimedLeaf::position)
            .findFirst()
            .orElse(-2);
    return new Place(entry.chain(), entry.seq(), position);
  }

  /** The hash that the entry at this index is tied to. */
  private Hash previous(int at) {
    ClaimedEntry entry = entries.get(at);
    return entry.seq() == 1
        ? EntryFormat.genesis(log, entry.chain())
        : chain(entry.chain()).get((int) entry.seq() - 2).hash();
  }

  private int neighbour(int at) {
    List<ClaimedEntry> chain = chain(entries.get(at).chain());
    int seq = (int) entries.get(at).seq();
    return entries.indexOf(seq == chain.size() ? chain.get(seq - 2) : chain.get(seq));
  }

  private void keep(Predicate<ClaimedEntry> these, long size) {
    List<ClaimedEntry> kept = entries.stream().filter(these).toList();
    entries.clear();
    entries.addAll(kept);
    leaves.subList((int) size, leaves.size()).clear();
  }

  /** Life goes on after a restore: entries and places that nobody can tell from others. */
  private void goOn(String chain, int count) {
    for (int i = 0; i < count; i++) {
      List<ClaimedEntry> before = chain(chain);
      Hash previous = before.isEmpty() ? EntryFormat.genesis(log, chain) : before.getLast().hash();
      ClaimedEntry fresh =
          tied(
              new ClaimedEntry(
                  chain,
                  before.size() + 1L,
                  Long.MAX_VALUE / 2,
                  "system",
                  "timer",
                  "secret.unwrap",
                  "secret/other",
                  "done",
                  "",
                  "",
                  previous),
              previous);
      entries.add(fresh);
      leaves.add(
          new ClaimedLeaf(
              leaves.size(), Optional.of(new ClaimedLeaf.Place(chain, fresh.seq())), fresh.hash()));
    }
  }

  private void rewriteFrom(ClaimedEntry first, ClaimedEntry instead) {
    Hash previous =
        first.seq() == 1
            ? EntryFormat.genesis(log, first.chain())
            : chain(first.chain()).get((int) first.seq() - 2).hash();
    for (ClaimedEntry old : chain(first.chain())) {
      if (old.seq() < first.seq()) {
        continue;
      }
      ClaimedEntry fresh = tied(old.seq() == first.seq() ? instead : old, previous);
      int at = entries.indexOf(old);
      entries.set(at, fresh);
      leafOf(at, fresh.hash());
      previous = fresh.hash();
    }
  }

  private void leafOf(int at, Hash hash) {
    int position = (int) place(entries.get(at)).position();
    leaves.set(position, new ClaimedLeaf(position, leaves.get(position).entry(), hash));
  }

  private void removeLeaf(Place place) {
    leaves.remove((int) place.position());
    for (int i = (int) place.position(); i < leaves.size(); i++) {
      ClaimedLeaf leaf = leaves.get(i);
      leaves.set(i, new ClaimedLeaf(i, leaf.entry(), leaf.hash()));
    }
  }

  private void flipBit(int at, Random random) {
    ClaimedEntry entry = entries.get(at);
    switch (random.nextInt(4)) {
      case 0 -> entries.set(at, placed(entry, entry.seq(), flipped(entry.hash(), random)));
      case 1 -> leafOf(at, flipped(entry.hash(), random));
      case 2 -> entries.set(at, timed(entry, entry.timeMicros() ^ (1L << random.nextInt(62))));
      default -> entries.set(at, edited(entry, random.nextInt(9), random));
    }
  }

  private static Hash flipped(Hash hash, Random random) {
    byte[] bytes = hash.bytes();
    bytes[random.nextInt(bytes.length)] ^= (byte) (1 << random.nextInt(8));
    return Hash.of(bytes);
  }

  /** One character of one field with one bit changed; an empty one gets its first. */
  private static ClaimedEntry edited(ClaimedEntry it, int field, Random random) {
    return new ClaimedEntry(
        it.chain(),
        it.seq(),
        field == 8 ? it.timeMicros() + 1 + random.nextInt(9) : it.timeMicros(),
        field == 0 ? otherKind(it.actorKind()) : it.actorKind(),
        field == 1 ? edited(it.actorId(), random) : it.actorId(),
        field == 2 ? edited(it.action(), random) : it.action(),
        field == 3 ? edited(it.object(), random) : it.object(),
        field == 5 ? (it.outcome().equals("denied") ? "allowed" : "denied") : it.outcome(),
        field == 6 || field == 4 ? edited(it.reason(), random) : it.reason(),
        field == 7 ? edited(it.correlation(), random) : it.correlation(),
        it.hash());
  }

  private static String otherKind(String kind) {
    return kind.equals("system") ? "unknown" : "system";
  }

  private static String edited(String text, Random random) {
    if (text.isEmpty()) {
      return "x";
    }
    int at = random.nextInt(text.length());
    char other = (char) (text.charAt(at) ^ 1);
    return text.substring(0, at) + other + text.substring(at + 1);
  }

  private static ClaimedEntry tied(ClaimedEntry it, Hash previous) {
    AuditEvent event =
        new AuditEvent(
            new Name(it.chain()),
            new Actor(Actor.Kind.valueOf(it.actorKind().toUpperCase(Locale.ROOT)), it.actorId()),
            it.action(),
            it.object(),
            AuditEvent.Outcome.valueOf(it.outcome().toUpperCase(Locale.ROOT)),
            it.reason(),
            it.correlation());
    return placed(it, it.seq(), EntryFormat.hash(previous, it.seq(), it.timeMicros(), event));
  }

  private static ClaimedEntry placed(ClaimedEntry it, long seq, Hash hash) {
    return copied(it, it.chain(), seq, it.timeMicros(), hash);
  }

  private static ClaimedEntry timed(ClaimedEntry it, long timeMicros) {
    return copied(it, it.chain(), it.seq(), timeMicros, it.hash());
  }

  private static ClaimedEntry renamed(ClaimedEntry it, String chain) {
    return copied(it, chain, it.seq(), it.timeMicros(), it.hash());
  }

  private static ClaimedEntry copied(
      ClaimedEntry it, String chain, long seq, long timeMicros, Hash hash) {
    return new ClaimedEntry(
        chain,
        seq,
        timeMicros,
        it.actorKind(),
        it.actorId(),
        it.action(),
        it.object(),
        it.outcome(),
        it.reason(),
        it.correlation(),
        hash);
  }
}
