package io.zenmesh.controlplane.audit.verify;

import io.zenmesh.controlplane.audit.Hash;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Optional;

/**
 * Follows one chain from its beginning, entry by entry, and says where it first breaks. Not
 * thread-safe.
 *
 * <p>An entry is good when its place is the next one, its time is not before the last one's, and
 * SHA-256 over its canonical bytes, which hold the hash of the entry before, is the hash it claims.
 * After the first fault nothing more is said: what follows is tied to something unknown.
 */
public final class ChainVerifier {
  private static final byte[] ENTRY = "zen-audit-entry-v1\n".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] GENESIS =
      "zen-audit-genesis-v1\n".getBytes(StandardCharsets.US_ASCII);

  private final String chain;
  private final MessageDigest sha256;
  private byte[] buffer = new byte[1024];
  private int length;
  private long seq;
  private long timeMicros = Long.MIN_VALUE;
  private byte[] previous;
  private boolean broken;

  private ChainVerifier(String chain, long seq) {
    this.chain = chain;
    this.seq = seq;
    try {
      this.sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
    this.previous = new byte[0];
  }

  /**
   * Begins at the first entry.
   *
   * @param log the id of the log that the chain is in
   */
  public static ChainVerifier fromGenesis(String log, String chain) {
    ChainVerifier verifier = new ChainVerifier(chain, 0);
    verifier.length = 0;
    verifier.raw(GENESIS);
    verifier.text(log);
    verifier.text(chain);
    verifier.previous = verifier.digest();
    return verifier;
  }

  /**
   * Begins behind an entry that is known otherwise.
   *
   * @param seq its place
   * @param hash its hash
   */
  public static ChainVerifier after(String chain, long seq, Hash hash) {
    ChainVerifier verifier = new ChainVerifier(chain, seq);
    verifier.previous = hash.bytes();
    return verifier;
  }

  /** Checks the next entry; empty when it is good, or when the chain has broken before. */
  public Optional<Fault> check(ClaimedEntry entry) {
    if (broken) {
      return Optional.empty();
    }
    if (!entry.chain().equals(chain)) {
      return broken("belongs to another chain");
    }
    if (entry.seq() != seq + 1) {
      return broken(
          entry.seq() > seq
              ? "missing (found: " + entry.seq() + ")"
              : "out of place (found: " + entry.seq() + ")");
    }
    if (entry.timeMicros() < timeMicros) {
      return broken("dated before the entry before it");
    }
    byte[] computed = compute(entry);
    if (!MessageDigest.isEqual(computed, entry.hash().bytes())) {
      return broken("its content and its hash do not match, or it is not tied to the one before");
    }
    seq = entry.seq();
    timeMicros = entry.timeMicros();
    previous = computed;
    return Optional.empty();
  }

  /** The hash of the last good entry, or what the first must be tied to. */
  public Hash head() {
    return Hash.of(previous);
  }

  /** The place of the last good entry. */
  public long seq() {
    return seq;
  }

  private Optional<Fault> broken(String what) {
    broken = true;
    return Optional.of(new Fault.AtEntry(chain, seq + 1, what));
  }

  private byte[] compute(ClaimedEntry entry) {
    length = 0;
    raw(ENTRY);
    number(entry.seq(), Long.BYTES);
    number(entry.timeMicros(), Long.BYTES);
    raw(previous);
    text(entry.chain());
    text(entry.actorKind());
    text(entry.actorId());
    text(entry.action());
    text(entry.object());
    text(entry.outcome());
    text(entry.reason());
    text(entry.correlation());
    return digest();
  }

  private byte[] digest() {
    sha256.update(buffer, 0, length);
    return sha256.digest();
  }

  private void text(String text) {
    byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
    number(utf8.length, Integer.BYTES);
    raw(utf8);
  }

  /** Big-endian, two's complement. */
  private void number(long value, int bytes) {
    room(bytes);
    for (int shift = (bytes - 1) * Byte.SIZE; shift >= 0; shift -= Byte.SIZE) {
      buffer[length++] = (byte) (value >>> shift);
    }
  }

  private void raw(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, buffer, length, bytes.length);
    length += bytes.length;
  }

  private void room(int more) {
    if (buffer.length - length < more) {
      buffer = Arrays.copyOf(buffer, Math.max(2 * buffer.length, length + more));
    }
  }
}
