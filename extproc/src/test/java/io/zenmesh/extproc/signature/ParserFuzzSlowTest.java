package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Real fuzzing: a child JVM under Jazzer for each target, {@code -Dzen.fuzz.seconds} each (60).
 * What it finds lies in {@code target/fuzz}; copied to the seeds it stays found.
 */
@Tag("slow")
class ParserFuzzSlowTest {
  private static final int SECONDS = Integer.getInteger("zen.fuzz.seconds", 60);
  private static final int START_SECONDS = 120;

  static Stream<String> targets() {
    return ParserFuzz.TARGETS.stream();
  }

  @ParameterizedTest
  @MethodSource("targets")
  void target_fuzzed_holdsItsInvariants(String target) throws IOException, InterruptedException {
    Path found = Files.createDirectories(Path.of("target", "fuzz", target));
    Path corpus = Files.createDirectories(found.resolve("corpus"));
    Path log = found.resolve("log.txt");
    Process fuzzer =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx1g",
                    "-XX:+EnableDynamicAgentLoading",
                    "--enable-native-access=ALL-UNNAMED",
                    "--sun-misc-unsafe-memory-access=allow",
                    "-cp",
                    System.getProperty("java.class.path"),
                    "com.code_intelligence.jazzer.Jazzer",
                    "--target_class=" + ParserFuzz.class.getName() + "$" + target,
                    "--instrumentation_includes=io.zenmesh.extproc.signature.**",
                    "--reproducer_path=" + found,
                    "-artifact_prefix=" + found + "/",
                    "-max_total_time=" + SECONDS,
                    "-max_len=4096",
                    // The first input loads every class, instrumented: over ten seconds on a busy
                    // machine.
                    "-timeout=60",
                    corpus.toString(),
                    ParserFuzzTest.SEEDS.resolve(target).toString()))
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      assertThat(fuzzer.waitFor(SECONDS + START_SECONDS, TimeUnit.SECONDS))
          .as("ends by itself")
          .isTrue();
      String said = Files.readString(log);
      assertThat(fuzzer.exitValue()).as(said).isZero();
      assertThat(said).contains("DONE");
    } finally {
      fuzzer.destroyForcibly();
    }
  }
}
