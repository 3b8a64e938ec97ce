package io.zenmesh.controlplane.apply;

import io.zenmesh.controlplane.mesh.MeshProblem;
import io.zenmesh.controlplane.publish.Publication;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies the mesh file again whenever its content changes.
 *
 * <p>A content is taken only when two looks in a row, a second apart, saw the same: what is half
 * written is a mesh too when it breaks off between two documents, and would remove the rest. A
 * content that is refused is reported once and what runs stays; a store that fails is tried again
 * each second, and so is a publication that did not succeed.
 */
public final class MeshWatch implements AutoCloseable {
  /** The largest mesh file, in bytes. */
  public static final int MAX_BYTES = 10 * 1024 * 1024;

  private static final Logger LOG = LoggerFactory.getLogger(MeshWatch.class);
  private static final long PERIOD_MILLIS = 1_000;
  private static final long END_SECONDS = 20;

  private final Path file;
  private final MeshApply apply;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().name("mesh-watch").daemon().factory());
  private Optional<byte[]> settled = Optional.empty();
  private Optional<byte[]> candidate = Optional.empty();
  private Optional<String> reported = Optional.empty();

  public MeshWatch(Path file, MeshApply apply) {
    this.file = file;
    this.apply = apply;
  }

  /**
   * Reads and applies the file for the first time.
   *
   * @throws IOException when it cannot be read, is too large or not UTF-8; the message says which
   * @throws StoreException when the store fails
   */
  public synchronized MeshApply.Outcome first() throws IOException {
    byte[] now = bytes(file);
    MeshApply.Outcome outcome = apply.apply(Author.MESH_FILE, name(), text(file, now));
    settled = Optional.of(now);
    return outcome;
  }

  /** Begins to look at the file each second. */
  public void start() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::look, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Begins to publish, each second, what is stored and was not published; leaves the file alone.
   */
  public void startWithoutFile() {
    var unused =
        timer.scheduleWithFixedDelay(
            this::catchUp, PERIOD_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void catchUp() {
    try {
      apply.catchUp();
    } catch (RuntimeException e) {
      // An exception out of here would end the timer.
      LOG.error("stored state not published: {}", e.getMessage());
    }
  }

  /** Looks once; the timer's work. */
  synchronized void look() {
    try {
      apply.catchUp();
      byte[] now = bytes(file);
      if (same(settled, now)) {
        candidate = Optional.empty();
        return;
      }
      if (!same(candidate, now)) {
        candidate = Optional.of(now);
        return;
      }
      switch (apply.apply(Author.MESH_FILE, name(), text(file, now))) {
        case MeshApply.Outcome.Applied(List<Change> changes, Publication publication) -> {
          if (publication instanceof Publication.Published) {
            LOG.info("{} changed; stored and sent", file);
          } else {
            LOG.error("{} changed; stored, not yet published, tried again each second", file);
          }
        }
        case MeshApply.Outcome.Rejected(List<MeshProblem> problems) -> {
          LOG.error("{} changed and is refused; what runs stays", file);
          problems.forEach(problem -> LOG.error("{}", problem));
        }
      }
      settled = Optional.of(now);
      reported = Optional.empty();
    } catch (IOException e) {
      candidate = Optional.empty();
      report(e);
    } catch (RuntimeException e) {
      // Also what we did not foresee: an exception out of here would end the watch without a word.
      report(e);
    }
  }

  private void report(Exception failure) {
    String problem = String.valueOf(failure.getMessage());
    if (!reported.equals(Optional.of(problem))) {
      LOG.error("mesh file not applied; what runs stays: {}", problem);
      reported = Optional.of(problem);
    }
  }

  private static boolean same(Optional<byte[]> known, byte[] now) {
    return known.filter(it -> Arrays.equals(it, now)).isPresent();
  }

  /** Reads a whole mesh file as text, within its limit. */
  public static String read(Path file) throws IOException {
    return text(file, bytes(file));
  }

  private static byte[] bytes(Path file) throws IOException {
    byte[] bytes;
    try (InputStream in = Files.newInputStream(file)) {
      bytes = in.readNBytes(MAX_BYTES + 1);
    } catch (IOException e) {
      throw new IOException(
          "mesh file: " + file + " cannot be read (expected: a readable file)", e);
    }
    if (bytes.length > MAX_BYTES) {
      throw new IOException(
          "mesh file: " + file + " is too large (expected: at most " + MAX_BYTES + " bytes)");
    }
    return bytes;
  }

  private static String text(Path file, byte[] bytes) throws IOException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new IOException("mesh file: " + file + " is not UTF-8 (expected: UTF-8 text)", e);
    }
  }

  private String name() {
    return String.valueOf(file.getFileName());
  }

  @Override
  public void close() {
    timer.shutdownNow();
    try {
      if (!timer.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
        LOG.warn("mesh watch did not end in time");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
