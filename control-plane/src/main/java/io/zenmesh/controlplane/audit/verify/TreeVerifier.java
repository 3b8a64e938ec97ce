package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;

/**
 * Computes the root of a log from its entries, and checks proofs (RFC 6962 section 2.1; the checks
 * as RFC 9162 sections 2.1.3.2 and 2.1.4.2 state them). Not thread-safe.
 */
public final class TreeVerifier {
  private final MessageDigest sha256;
  private final Deque<byte[]> peaks = new ArrayDeque<>();
  private long size;

  /** A log without entries. */
  public TreeVerifier() {
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }

  /** How many entries it has seen. */
  public long size() {
    return size;
  }

  /** Takes the next entry. */
  public void add(Hash entry) {
    byte[] hash = leaf(entry);
    for (long full = size; (full & 1) == 1; full >>>= 1) {
      hash = node(peaks.pop(), hash);
    }
    peaks.push(hash);
    size++;
  }

  /** The root over what it has seen. */
  public Hash root() {
    Iterator<byte[]> smallestFirst = peaks.iterator();
    if (!smallestFirst.hasNext()) {
      return Hash.of(sha256.digest());
    }
    byte[] root = smallestFirst.next();
    while (smallestFirst.hasNext()) {
      root = node(smallestFirst.next(), root);
    }
    return Hash.of(root);
  }

  /** Whether {@code proof} shows the entry at {@code position} to be under this root. */
  public boolean includes(Hash entry, long position, long size, List<Hash> proof, Hash root) {
    if (position < 0 || position >= size) {
      return false;
    }
    long inner = position;
    long last = size - 1;
    byte[] computed = leaf(entry);
    for (Hash each : proof) {
      if (last == 0) {
        return false;
      }
      if ((inner & 1) == 1 || inner == last) {
        computed = node(each.bytes(), computed);
        while ((inner & 1) == 0 && inner != 0) {
          inner >>>= 1;
          last >>>= 1;
        }
      } else {
        computed = node(computed, each.bytes());
      }
      inner >>>= 1;
      last >>>= 1;
    }
    return last == 0 && MessageDigest.isEqual(computed, root.bytes());
  }

  /** Whether {@code proof} shows that the second log begins with all of the first. */
  public boolean continues(
      long firstSize, Hash firstRoot, long secondSize, Hash secondRoot, List<Hash> proof) {
    if (firstSize == secondSize) {
      return proof.isEmpty() && firstRoot.equals(secondRoot);
    }
    if (firstSize <= 0 || firstSize > secondSize || proof.isEmpty() && !pow2(firstSize)) {
      return false;
    }
    long inner = firstSize - 1;
    long last = secondSize - 1;
    while ((inner & 1) == 1) {
      inner >>>= 1;
      last >>>= 1;
    }
    Iterator<Hash> rest = proof.iterator();
    byte[] start;
    if (pow2(firstSize)) {
      start = firstRoot.bytes();
    } else {
      start = rest.next().bytes();
    }
    byte[] first = start;
    byte[] second = start;
    while (rest.hasNext()) {
      byte[] each = rest.next().bytes();
      if (last == 0) {
        return false;
      }
      if ((inner & 1) == 1 || inner == last) {
        first = node(each, first);
        second = node(each, second);
        while ((inner & 1) == 0 && inner != 0) {
          inner >>>= 1;
          last >>>= 1;
        }
      } else {
        second = node(second, each);
      }
      inner >>>= 1;
      last >>>= 1;
    }
    return last == 0
        && MessageDigest.isEqual(first, firstRoot.bytes())
        && MessageDigest.isEqual(second, secondRoot.bytes());
  }

  private static boolean pow2(long value) {
    return Long.bitCount(value) == 1;
  }

  private byte[] leaf(Hash entry) {
    sha256.update((byte) 0);
    return sha256.digest(entry.bytes());
  }

  private byte[] node(byte[] left, byte[] right) {
    sha256.update((byte) 1);
    sha256.update(left);
    return sha256.digest(right);
  }
}
