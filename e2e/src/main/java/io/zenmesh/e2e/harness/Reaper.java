package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Ends what an earlier mesh on the same state directory left behind when it was killed.
 *
 * <p>Only processes whose id, start time and command line all match a note under {@code run/} are
 * touched; a note that matches nothing is deleted.
 */
public final class Reaper {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private Reaper() {}

  /** The names of left-over processes that are still running. */
  public static List<String> leftOver(Path runDirectory) {
    return notes(runDirectory).stream().filter(RunFile::isAlive).map(RunFile::name).toList();
  }

  /**
   * Ends every left-over process (SIGTERM, after 5 s SIGKILL) and removes the notes.
   *
   * @return the names of the processes that were ended
   */
  public static List<String> reap(Path runDirectory) {
    List<RunFile> alive = notes(runDirectory).stream().filter(RunFile::isAlive).toList();
    for (RunFile note : alive) {
      var _ = ProcessHandle.of(note.pid()).map(ProcessHandle::destroy).orElse(false);
    }
    for (RunFile note : alive) {
      end(note);
    }
    try {
      for (Path file : RunFile.list(runDirectory)) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new HarnessException("run: " + runDirectory + " cannot be cleaned", e);
    }
    return alive.stream().map(RunFile::name).toList();
  }

  private static void end(RunFile note) {
    try {
      Eventually.holds(note.name() + " left over, ending", GRACE, () -> !note.isAlive());
    } catch (HarnessException stillThere) {
      var _ = ProcessHandle.of(note.pid()).map(ProcessHandle::destroyForcibly).orElse(false);
      Eventually.holds(note.name() + " left over, killed", GRACE, () -> !note.isAlive());
    }
  }

  private static List<RunFile> notes(Path runDirectory) {
    List<RunFile> notes = new ArrayList<>();
    try {
      for (Path file : RunFile.list(runDirectory)) {
        Optional<RunFile> note = RunFile.read(file);
        note.ifPresent(notes::add);
      }
    } catch (IOException e) {
      throw new HarnessException("run: " + runDirectory + " cannot be read", e);
    }
    return notes;
  }
}
