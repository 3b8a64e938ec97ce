package io.zenmesh.controlplane.audit;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * The log over all chains: a Merkle tree of entry hashes (RFC 6962 section 2.1) that only grows.
 * Keeps one hash for every 64 entries, and those above them; the rest is read again when a proof
 * needs it. Not thread-safe.
 */
public final class MerkleLog {
  /** How many entries lie under the lowest hash that is kept. */
  static final int BLOCK = 64;

  private final Entries entries;
  private final MessageDigest sha256;
  private final List<List<Hash>> kept = new ArrayList<>();
  private final List<Hash> open = new ArrayList<>();
  private long size;

  /** Gives entry hashes back. */
  @FunctionalInterface
  public interface Entries {
    /** The hashes of the entries at positions {@code from} to {@code to - 1}, at most 64. */
    List<Hash> between(long from, long to);
  }

  public MerkleLog(Entries entries) {
    this.entries = entries;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }

  /** How many entries it has. */
  public long size() {
    return size;
  }

  /** Adds an entry at the end. */
  public void append(Hash entry) {
    open.add(leaf(entry));
    size++;
    if (open.size() < BLOCK) {
      return;
    }
    keep(0, uneven(open));
    open.clear();
  }

  private void keep(int level, Hash hash) {
    if (kept.size() == level) {
      kept.add(new ArrayList<>());
    }
    List<Hash> row = kept.get(level);
    row.add(hash);
    if (row.size() % 2 == 0) {
      keep(level + 1, node(row.get(row.size() - 2), hash));
    }
  }

  /** The root of the whole log. */
  public Hash root() {
    return root(size);
  }

  /** The root that the log had when it was {@code size} long. */
  public Hash root(long size) {
    within("size", size, 0, this.size);
    return size == 0 ? Hash.takeOver(sha256.digest()) : subtree(0, size);
  }

  /** Proves that the entry at {@code position} is in the log of this size. */
  public List<Hash> inclusion(long position, long size) {
    within("size", size, 1, this.size);
    within("position", position, 0, size - 1);
    List<Hash> proof = new ArrayList<>();
    path(position, 0, size, proof);
    return proof;
  }

  private void path(long position, long from, long to, List<Hash> proof) {
    if (to - from == 1) {
      return;
    }
    long split = from + split(to - from);
    if (position < split) {
      path(position, from, split, proof);
      proof.add(subtree(split, to));
    } else {
      path(position, split, to, proof);
      proof.add(subtree(from, split));
    }
  }

  /**
   * Proves that the log of size {@code second} begins with all of the log of size {@code first}.
   */
  public List<Hash> consistency(long first, long second) {
    within("second", second, 1, size);
    within("first", first, 1, second);
    List<Hash> proof = new ArrayList<>();
    if (first < second) {
      extension(first, 0, second, true, proof);
    }
    return proof;
  }

  private void extension(long first, long from, long to, boolean known, List<Hash> proof) {
    if (first == to) {
      if (!known) {
        proof.add(subtree(from, to));
      }
      return;
    }
    long split = from + split(to - from);
    if (first <= split) {
      extension(first, from, split, known, proof);
      proof.add(subtree(split, to));
    } else {
      extension(first, split, to, false, proof);
      proof.add(subtree(from, split));
    }
  }

  private Hash subtree(long from, long to) {
    long length = to - from;
    if (length >= BLOCK && Long.bitCount(length) == 1) {
      int level = Long.numberOfTrailingZeros(length / BLOCK);
      return kept.get(level).get(Math.toIntExact(from / length));
    }
    if (length < BLOCK) {
      return uneven(leaves(from, to));
    }
    long split = from + split(length);
    return node(subtree(from, split), subtree(split, to));
  }

  private List<Hash> leaves(long from, long to) {
    long openFrom = size - open.size();
    if (from >= openFrom) {
      return open.subList((int) (from - openFrom), (int) (to - openFrom));
    }
    List<Hash> read = entries.between(from, to).stream().map(this::leaf).toList();
    if (read.size() != to - from) {
      throw new IllegalStateException(
          "log: " + read.size() + " entries read (expected: " + (to - from) + ")");
    }
    return read;
  }

  private Hash uneven(List<Hash> leaves) {
    if (leaves.size() == 1) {
      return leaves.getFirst();
    }
    int split = (int) split(leaves.size());
    return node(uneven(leaves.subList(0, split)), uneven(leaves.subList(split, leaves.size())));
  }

  /** The largest power of two below {@code length}. */
  private static long split(long length) {
    return Long.highestOneBit(length - 1);
  }

  private Hash leaf(Hash entry) {
    sha256.update((byte) 0);
    return Hash.takeOver(sha256.digest(entry.shared()));
  }

  private Hash node(Hash left, Hash right) {
    sha256.update((byte) 1);
    sha256.update(left.shared());
    return Hash.takeOver(sha256.digest(right.shared()));
  }

  private static void within(String name, long value, long least, long most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          name + ": " + value + " (expected: " + least + " to " + most + ")");
    }
  }
}
