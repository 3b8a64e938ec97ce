package io.zenmesh.e2e.threat;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Renders {@code docs/threat-model.md} from the names of the tests. */
class ThreatModelTest {
  private static final Pattern TEST_WITH_ID =
      Pattern.compile("\\b([A-Z][0-9]{2}(?:_[A-Z][0-9]{2})*)_([a-z]\\w*)\\s*\\(");

  @Test
  void threatModelPage_matchesTheTests() throws IOException {
    Path root = repositoryRoot();
    Path page = root.resolve("docs/threat-model.md");
    String expected = render(threats(), testsById(root));
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden files are never rewritten in CI").isNull();
      Files.writeString(page, expected);
    }
    assertThat(Files.readString(page))
        .as("docs/threat-model.md (rewrite with -Dgolden.update=true)")
        .isEqualTo(expected);
  }

  @Test
  void testsWithIds_nameKnownThreats() throws IOException {
    assertThat(threats().keySet()).containsAll(testsById(repositoryRoot()).keySet());
  }

  private static String render(Map<String, String> threats, Map<String, SortedSet<String>> tests) {
    StringBuilder page = new StringBuilder();
    page.append("# Threat model: what can go wrong, and the test that shows it does not\n\n");
    page.append(
        "Generated from the names of the tests (`ThreatModelTest`): a test that covers a row\n");
    page.append("bears its id. Ids are stable. E edge, P processor, R replay store, X xDS and\n");
    page.append("identity, A audit, D database, K custody, F faults, H admin API.\n\n");
    page.append("| id | threat | tests |\n|---|---|---|\n");
    threats.forEach((id, threat) ->
        page.append("| ")
            .append(id)
            .append(" | ")
            .append(threat)
            .append(" | ")
            .append(cell(tests.get(id)))
            .append(" |\n"));
    return page.toString();
  }

  private static String cell(@Nullable SortedSet<String> names) {
    return names == null ? "*none yet*" : "`" + String.join("`<br>`", names) + "`";
  }

  private static Map<String, String> threats() throws IOException {
    Map<String, String> threats = new TreeMap<>();
    try (InputStream in =
        Objects.requireNonNull(ThreatModelTest.class.getResourceAsStream("threats.tsv"))) {
      new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split("\t", 2))
          .forEach(cells -> threats.put(cells[0], cells[1]));
    }
    return threats;
  }

  private static Map<String, SortedSet<String>> testsById(Path root) throws IOException {
    Map<String, SortedSet<String>> tests = new TreeMap<>();
    for (String module : new String[] {"xds", "extproc", "control-plane", "envoy-config", "e2e"}) {
      Path sources = root.resolve(module).resolve("src/test/java");
      if (Files.isDirectory(sources)) {
        try (Stream<Path> files = Files.walk(sources)) {
          files.filter(file -> file.toString().endsWith(".java")).forEach(f -> collect(f, tests));
        }
      }
    }
    return tests;
  }

  private static void collect(Path file, Map<String, SortedSet<String>> tests) {
    try {
      String type = file.getFileName().toString().replace(".java", "");
      Matcher matcher = TEST_WITH_ID.matcher(Files.readString(file));
      while (matcher.find()) {
        for (String id : matcher.group(1).split("_", -1)) {
          tests.computeIfAbsent(id, key -> new TreeSet<>()).add(type + "." + matcher.group(2));
        }
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path repositoryRoot() {
    Path directory = Path.of("").toAbsolutePath();
    while (!Files.exists(directory.resolve("zen")) || !Files.exists(directory.resolve("mvnw"))) {
      directory =
          Objects.requireNonNull(directory.getParent(), "repository root: not found above here");
    }
    return directory;
  }
}
