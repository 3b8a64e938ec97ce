package io.zenmesh.extproc.receipts;

import io.zenmesh.xds.model.Receipt;
import io.zenmesh.xds.model.ReceiptBatch;
import io.zenmesh.xds.model.ReceiptBatch.Numbered;
import io.zenmesh.xds.wire.EncodedReceipts;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A directory of receipts that wait to be put on record, bounded in bytes. One process has it at a
 * time. Thread-safe: one thread appends, another takes and removes.
 *
 * <p>Files of records ({@link SpoolFormat}), each named by the number of its first one. A start
 * never appends to a file of the one before, and its numbers begin above everything that one can
 * have used, so that a torn end costs only itself and no number comes twice. What was written
 * survives the end of the process; what the operating system had not written yet does not survive
 * the machine's.
 */
final class Spool implements AutoCloseable {
  /** What a file grows to at most. */
  static final int SEGMENT_BYTES = 1024 * 1024;

  /** The least files that a full spool has, so that what is removed makes room. */
  private static final int LEAST_SEGMENTS = 16;

  private static final String SUFFIX = ".receipts";
  private static final int PAGE_BYTES = 256 * 1024;

  /** Below the start's number, above the count of its receipts. */
  private static final int START_SHIFT = 32;

  private final Path directory;
  private final long mostBytes;
  private final long segmentBytes;
  private final String id;
  private final FileChannel lock;
  private final Deque<Segment> segments = new ArrayDeque<>();
  private FileChannel active;
  private long next;
  private long bytes;
  private long readFrom;
  private Optional<Taken> taken = Optional.empty();
  private boolean unforced;

  /** A file of the spool, and how much of it is written. */
  private static final class Segment {
    private final Path file;
    private long bytes;

    Segment(Path file, long bytes) {
      this.file = file;
      this.bytes = bytes;
    }
  }

  /**
   * What was taken and is not removed yet.
   *
   * @param until where the next receipts begin
   */
  private record Taken(EncodedReceipts batch, long until) {}

  private Spool(Path directory, long mostBytes, FileChannel lock, String id) throws IOException {
    this.directory = directory;
    this.mostBytes = mostBytes;
    this.segmentBytes = Math.min(SEGMENT_BYTES, mostBytes / LEAST_SEGMENTS);
    this.lock = lock;
    this.id = id;
    long starts = 0;
    for (Path file : files(directory)) {
      segments.add(new Segment(file, Files.size(file)));
      bytes += Files.size(file);
      starts = number(file) >>> START_SHIFT;
    }
    next = ((starts + 1) << START_SHIFT) + 1;
    active = openSegment();
  }

  /**
   * Opens a spool, making it where there is none.
   *
   * @param mostBytes of all its files
   * @throws IOException when it cannot be read or written, or another process has it
   */
  static Spool open(Path directory, long mostBytes) throws IOException {
    SpoolFiles.makePrivate(directory);
    FileChannel lock =
        FileChannel.open(
            directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      Optional<FileLock> held = tryLock(lock);
      if (held.isEmpty()) {
        throw new IOException(directory + ": in use (expected: one processor for each directory)");
      }
      return new Spool(
          directory, mostBytes, lock, SpoolFiles.id(directory, files(directory).isEmpty()));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static Optional<FileLock> tryLock(FileChannel file) throws IOException {
    try {
      return Optional.ofNullable(file.tryLock());
    } catch (OverlappingFileLockException e) {
      return Optional.empty();
    }
  }

  private static List<Path> files(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("[0-9a-f]{16}\\" + SUFFIX))
          .sorted()
          .toList();
    }
  }

  private static long number(Path file) {
    String name = file.getFileName().toString();
    return Long.parseLong(name.substring(0, name.length() - SUFFIX.length()), 16);
  }

  private FileChannel openSegment() throws IOException {
    Path file = directory.resolve("%016x".formatted(next) + SUFFIX);
    FileChannel opened =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    try {
      SpoolFiles.force(directory);
    } catch (IOException e) {
      opened.close();
      Files.deleteIfExists(file);
      throw e;
    }
    segments.add(new Segment(file, 0));
    return opened;
  }

  /** How many bytes its files have. */
  synchronized long bytes() {
    return bytes;
  }

  /**
   * Appends receipts, as many as there is room for.
   *
   * @param bound on the bytes of all files, at most the spool's own
   * @return how many; the rest stays the caller's
   * @throws IOException when none was kept
   */
  synchronized int append(List<Receipt> receipts, long bound) throws IOException {
    long most = Math.min(bound, mostBytes);
    ByteBuffer out =
        ByteBuffer.allocate(Math.min(receipts.size() * SpoolFormat.MAX_RECORD, PAGE_BYTES));
    int count = 0;
    for (Receipt receipt : receipts) {
      boolean fits =
          out.remaining() >= SpoolFormat.MAX_RECORD
              && bytes + out.position() + SpoolFormat.MAX_RECORD <= most;
      if (!fits) {
        break;
      }
      SpoolFormat.write(new Numbered(next + count, receipt), out);
      count++;
    }
    if (count > 0) {
      write(out.flip());
      next += count;
    }
    return count;
  }

  private void write(ByteBuffer out) throws IOException {
    Segment last = segments.getLast();
    if (last.bytes >= segmentBytes) {
      roll();
      last = segments.getLast();
    }
    int length = out.remaining();
    try {
      while (out.hasRemaining()) {
        active.write(out, last.bytes + length - out.remaining());
      }
    } catch (IOException e) {
      // What is there of it would stand before what comes next.
      active.truncate(last.bytes);
      throw e;
    }
    last.bytes += length;
    bytes += length;
    unforced = true;
  }

  private void roll() throws IOException {
    try (FileChannel full = active) {
      active = openSegment();
      full.force(false);
    }
  }

  /** Has the operating system write what it holds back. */
  synchronized void force() throws IOException {
    if (unforced) {
      active.force(false);
      unforced = false;
    }
  }

  /**
   * The oldest receipts that wait, the same until they are removed; empty when none do.
   *
   * @throws IOException when they cannot be read
   */
  synchronized Optional<EncodedReceipts> take(ReceiptObserver observer) throws IOException {
    while (taken.isEmpty()) {
      Segment first = segments.getFirst();
      boolean sealed = segments.size() > 1;
      if (readFrom >= first.bytes) {
        if (!sealed) {
          return Optional.empty();
        }
        drop(first);
        continue;
      }
      int length = (int) Math.min(PAGE_BYTES, first.bytes - readFrom);
      ByteBuffer in = ByteBuffer.allocate(length);
      try (FileChannel file = FileChannel.open(first.file, StandardOpenOption.READ)) {
        while (in.hasRemaining() && file.read(in, readFrom + in.position()) >= 0) {}
      }
      SpoolFormat.Page page =
          SpoolFormat.read(
              in.flip(),
              ReceiptBatch.MAX_RECEIPTS,
              readFrom + in.limit() >= first.bytes || in.limit() < length);
      long until = readFrom + page.bytes();
      if (page.receipts().isEmpty()) {
        observer.unreadable(first.bytes - readFrom);
        readFrom = first.bytes;
      } else {
        taken = Optional.of(new Taken(new EncodedReceipts(id, page.receipts()), until));
      }
    }
    return taken.map(Taken::batch);
  }

  /** Removes what was taken: it is on record. */
  synchronized void removeTaken() throws IOException {
    readFrom = taken.map(Taken::until).orElse(readFrom);
    taken = Optional.empty();
    Segment first = segments.getFirst();
    if (segments.size() > 1 && readFrom >= first.bytes) {
      drop(first);
    } else if (segments.size() == 1 && readFrom >= first.bytes && first.bytes > segmentBytes / 4) {
      roll();
      drop(first);
    }
  }

  private void drop(Segment first) throws IOException {
    Files.deleteIfExists(first.file);
    segments.removeFirst();
    bytes -= first.bytes;
    readFrom = 0;
  }

  @Override
  public synchronized void close() throws IOException {
    try (FileChannel file = active;
        FileChannel held = lock) {
      if (file.isOpen() && held.isOpen()) {
        file.force(false);
      }
    }
  }
}
