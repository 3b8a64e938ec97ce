package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/** The hashes of a chain's entries by sequence number, packed: 32 bytes each. Not thread-safe. */
final class HashColumn {
  private static final int PAGE = 1024;

  private final long first;
  private final List<byte[]> pages = new ArrayList<>();
  private long count;
  private boolean ended;

  HashColumn(long first) {
    this.first = first;
  }

  /** The sequence number that the next hash is for; at the end, beyond every number. */
  long next() {
    return ended ? Long.MAX_VALUE : first + count;
  }

  void add(Hash hash) {
    int at = (int) (count % PAGE);
    if (at == 0) {
      pages.add(new byte[PAGE * Hash.BYTES]);
    }
    System.arraycopy(hash.bytes(), 0, pages.getLast(), at * Hash.BYTES, Hash.BYTES);
    count++;
  }

  /**
   * The hash for a sequence number.
   *
   * @throws IndexOutOfBoundsException when it does not hold it
   */
  Hash get(long seq) {
    long index = Objects.checkIndex(seq - first, count);
    int from = (int) (index % PAGE) * Hash.BYTES;
    return Hash.of(Arrays.copyOfRange(pages.get((int) (index / PAGE)), from, from + Hash.BYTES));
  }

  /** From now on nothing is missing any more: it was said once. */
  void end() {
    ended = true;
  }

  /** Whether the hash for a sequence number is another; never for one that it does not hold. */
  boolean differs(long seq, Hash hash) {
    long index = seq - first;
    if (index < 0 || index >= count) {
      return false;
    }
    byte[] page = pages.get((int) (index / PAGE));
    int from = (int) (index % PAGE) * Hash.BYTES;
    return !Arrays.equals(page, from, from + Hash.BYTES, hash.bytes(), 0, Hash.BYTES);
  }
}
