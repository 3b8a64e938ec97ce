package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The ports and sockets of the last start, kept in the state directory: the next one takes the same
 * ports while they are free, and knows which addresses in {@code mesh.yaml} are its own.
 *
 * @param numbers the port of each part that the file names
 * @param sockets the folder of the processors' sockets
 */
record Addresses(Map<Part, Integer> numbers, Path sockets) {
  private static final String FILE = "addresses";
  private static final String SOCKETS = "SOCKETS";
  private static final Pattern ADDRESS =
      Pattern.compile("(?<![\\w.])(127\\.0\\.0\\.1|localhost):([0-9]{1,5})(?![0-9])");

  Addresses {
    numbers = Map.copyOf(numbers);
  }

  static Addresses of(MeshFiles files) {
    Path socket = files.processorSocket(MeshFiles.INGRESS.getFirst());
    return new Addresses(files.ports().numbers(), socket.resolveSibling(""));
  }

  /** Those of the last start; empty when there was none or the file is torn. */
  static Optional<Addresses> read(StateDirectory state) {
    Path file = state.root().resolve(FILE);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    Map<Part, Integer> numbers = new EnumMap<>(Part.class);
    Map<String, String> values = new HashMap<>();
    try {
      for (String line : Files.readAllLines(file, StandardCharsets.UTF_8)) {
        int sign = line.indexOf('=');
        if (sign > 0) {
          values.put(line.substring(0, sign), line.substring(sign + 1));
        }
      }
    } catch (IOException e) {
      throw new HarnessException("state: " + file + " cannot be read", e);
    }
    for (Part part : Part.values()) {
      Optional.ofNullable(values.get(part.name()))
          .filter(text -> text.matches("[1-9][0-9]{0,4}"))
          .ifPresent(text -> numbers.put(part, Integer.parseInt(text)));
    }
    return Optional.ofNullable(values.get(SOCKETS))
        .map(sockets -> new Addresses(numbers, Path.of(sockets)));
  }

  void write(StateDirectory state) throws IOException {
    StringBuilder lines = new StringBuilder();
    for (Part part : Part.values()) {
      lines.append(part.name()).append('=').append(numbers.get(part)).append('\n');
    }
    lines.append(SOCKETS).append('=').append(sockets).append('\n');
    replace(state.root().resolve(FILE), lines.toString());
  }

  /** The text with every address of this start replaced by the one that the other has. */
  String moved(String text, Addresses other) {
    Map<String, String> ports = new HashMap<>();
    for (Part part : List.of(Part.INGRESS_1, Part.INGRESS_2, Part.EGRESS_1, Part.TARGET)) {
      ports.put(String.valueOf(numbers.get(part)), String.valueOf(other.numbers.get(part)));
    }
    String moved =
        ADDRESS
            .matcher(text)
            .replaceAll((MatchResult found) ->
                Matcher.quoteReplacement(
                    found.group(1) + ":" + ports.getOrDefault(found.group(2), found.group(2))));
    return moved.replace(sockets + "/extproc-", other.sockets + "/extproc-");
  }

  /** Replaces a file whole: a reader sees the old one or the new one. */
  static void replace(Path file, String text) throws IOException {
    Path draft = file.resolveSibling(file.getFileName() + ".draft");
    Files.writeString(draft, text);
    Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
