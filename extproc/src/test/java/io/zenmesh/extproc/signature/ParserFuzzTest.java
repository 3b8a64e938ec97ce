package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * Every fuzz target over its seeds, and over a few thousand changed ones that are the same in each
 * run. What a fuzzer finds becomes a seed.
 */
class ParserFuzzTest {
  static final Path SEEDS = Path.of("src", "test", "resources", "fuzz");
  private static final int CHANGED_PER_SEED = 300;

  static List<byte[]> seeds(String target) throws IOException {
    try (Stream<Path> files = Files.list(SEEDS.resolve(target))) {
      return files
          .sorted()
          .map(file -> {
            try {
              return Files.readAllBytes(file);
            } catch (IOException e) {
              throw new java.io.UncheckedIOException(e);
            }
          })
          .toList();
    }
  }

  @TestFactory
  Stream<DynamicTest> target_itsSeedsAndTheirNeighbours_holdsItsInvariants() {
    return ParserFuzz.TARGETS.stream().map(target -> dynamicTest(target, () -> holds(target)));
  }

  private static void holds(String target) throws IOException {
    List<byte[]> seeds = seeds(target);
    assertThat(seeds).isNotEmpty();
    Random random = new Random(20_260_101L);
    for (byte[] seed : seeds) {
      run(target, seed);
      for (int i = 0; i < CHANGED_PER_SEED; i++) {
        run(target, changed(seed, seeds.get(random.nextInt(seeds.size())), random));
      }
    }
  }

  private static void run(String target, byte[] data) {
    assertThatCode(() -> ParserFuzz.run(target, data))
        .as("%s %s", target, HexFormat.of().formatHex(data))
        .doesNotThrowAnyException();
  }

  /** Bits flipped, a piece cut out, doubled, or taken from another seed. */
  private static byte[] changed(byte[] seed, byte[] other, Random random) {
    byte[] data = seed.clone();
    for (int times = random.nextInt(4); times >= 0 && data.length > 0; times--) {
      int from = random.nextInt(data.length);
      int to = from + random.nextInt(data.length - from + 1);
      byte[] piece = Arrays.copyOfRange(data, from, to);
      data =
          switch (random.nextInt(5)) {
            case 0 -> joined(data, from, new byte[0], to);
            case 1 -> joined(data, to, piece, to);
            case 2 -> joined(data, from, new byte[] {(byte) random.nextInt(256)}, from);
            case 3 -> joined(data, from, other, to);
            default -> {
              byte[] flipped = data.clone();
              flipped[from] ^= (byte) (1 << random.nextInt(8));
              yield flipped;
            }
          };
    }
    return data;
  }

  private static byte[] joined(byte[] data, int headEnd, byte[] piece, int tailStart) {
    byte[] all = Arrays.copyOf(data, headEnd + piece.length + data.length - tailStart);
    System.arraycopy(piece, 0, all, headEnd, piece.length);
    System.arraycopy(data, tailStart, all, headEnd + piece.length, data.length - tailStart);
    return all;
  }
}
