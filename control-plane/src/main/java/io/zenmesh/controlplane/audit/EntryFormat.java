package io.zenmesh.controlplane.audit;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;

/**
 * The canonical bytes of an entry, version 1, and their hash: what the writer of a chain uses. The
 * verifier has its own; {@code docs/audit.md} is the format both follow.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Every field of variable length is led by its length and every other has a fixed one, so no two
 * entries share their bytes. A first line that nothing else is hashed with keeps an entry's hash
 * from being anything else's. Thread-safe.
 */
public final class EntryFormat {
  private static final byte[] ENTRY = ascii("zen-audit-entry-v1\n");
  private static final byte[] GENESIS = ascii("zen-audit-genesis-v1\n");
  private static final int TEXTS = 8;

  private EntryFormat() {}

  /**
   * What the first entry of a chain has for the hash of the entry before.
   *
   * @param log the id of the log the chain is in, so that the chain of another is no replacement
   */
  public static Hash genesis(String log, String chain) {
    byte[] id = utf8(log);
    byte[] name = utf8(chain);
    ByteBuffer out =
        ByteBuffer.allocate(GENESIS.length + 2 * Integer.BYTES + id.length + name.length);
    out.put(GENESIS);
    text(out, id);
    text(out, name);
    return sha256(out);
  }

  /** The hash of an entry. */
  public static Hash hash(Hash previous, long seq, long timeMicros, AuditEvent event) {
    return sha256(encode(previous, seq, timeMicros, event));
  }

  /** The canonical bytes of an entry. */
  static byte[] bytes(Hash previous, long seq, long timeMicros, AuditEvent event) {
    return encode(previous, seq, timeMicros, event).array();
  }

  private static ByteBuffer encode(Hash previous, long seq, long timeMicros, AuditEvent event) {
    byte[][] texts = texts(event);
    int length = ENTRY.length + 2 * Long.BYTES + Hash.BYTES + TEXTS * Integer.BYTES;
    for (byte[] text : texts) {
      length += text.length;
    }
    ByteBuffer out = ByteBuffer.allocate(length);
    out.put(ENTRY).putLong(seq).putLong(timeMicros).put(previous.shared());
    for (byte[] text : texts) {
      text(out, text);
    }
    return out;
  }

  private static byte[][] texts(AuditEvent event) {
    return new byte[][] {
      utf8(event.chain().value()),
      utf8(event.actor().kind().name().toLowerCase(Locale.ROOT)),
      utf8(event.actor().id()),
      utf8(event.action()),
      utf8(event.object()),
      utf8(event.outcome().name().toLowerCase(Locale.ROOT)),
      utf8(event.reason()),
      utf8(event.correlation())
    };
  }

  private static void text(ByteBuffer out, byte[] text) {
    out.putInt(text.length).put(text);
  }

  private static Hash sha256(ByteBuffer bytes) {
    try {
      return Hash.takeOver(MessageDigest.getInstance("SHA-256").digest(bytes.array()));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from the JDK", e);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
