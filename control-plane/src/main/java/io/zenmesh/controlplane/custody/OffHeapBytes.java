package io.zenmesh.controlplane.custody;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Bytes that stay for as long as the process, kept outside of the Java heap.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>No heap dump holds them, after a garbage collection has taken the copies that were in use. A
 * core dump of the whole process still does. {@link #close()} zeroes them. Thread-safe.
 */
final class OffHeapBytes implements AutoCloseable {
  private final MemorySegment bytes;
  private boolean closed;

  private OffHeapBytes(MemorySegment bytes) {
    this.bytes = bytes;
  }

  /** Takes a copy; the caller still owns and should zero its own array. */
  static OffHeapBytes copyOf(byte[] source) {
    MemorySegment bytes = Arena.ofAuto().allocate(Math.max(1, source.length));
    MemorySegment.copy(source, 0, bytes, ValueLayout.JAVA_BYTE, 0, source.length);
    return new OffHeapBytes(bytes.asSlice(0, source.length));
  }

  /**
   * A copy on the heap, the caller's to zero.
   *
   * @throws CustodyException after {@link #close()}
   */
  synchronized byte[] copy() {
    if (closed) {
      throw new CustodyException("key: gone (expected: one that is in use)");
    }
    return bytes.toArray(ValueLayout.JAVA_BYTE);
  }

  /** Zeroes the bytes. Idempotent. */
  @Override
  public synchronized void close() {
    closed = true;
    bytes.fill((byte) 0);
  }

  @Override
  public String toString() {
    return "OffHeapBytes[" + bytes.byteSize() + "]";
  }
}
