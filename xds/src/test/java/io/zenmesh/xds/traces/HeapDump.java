package io.zenmesh.xds.traces;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Dumps of another Java process's heap. */
public final class HeapDump {
  private static final long PATIENCE_SECONDS = 60;

  private HeapDump() {}

  /**
   * Collects what is unreachable and writes the whole heap, with what is unreachable still.
   *
   * @param folder where the dump is written, over one of before
   * @throws IOException when the process does not answer; with what jcmd said
   */
  public static Path of(long pid, Path folder) throws IOException, InterruptedException {
    Path dump = folder.resolve("heap.hprof");
    Files.deleteIfExists(dump);
    Path said = folder.resolve("jcmd.out");
    for (List<String> words :
        List.of(
            List.of("GC.run"),
            List.of("GC.run"),
            List.of("GC.heap_dump", "-all", dump.toString()))) {
      List<String> command = new ArrayList<>();
      command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
      command.add(Long.toString(pid));
      command.addAll(words);
      Process jcmd =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(said.toFile())
              .start();
      if (!jcmd.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS) || jcmd.exitValue() != 0) {
        jcmd.destroyForcibly();
        throw new IOException(words + ": " + Files.readString(said));
      }
    }
    return dump;
  }
}
