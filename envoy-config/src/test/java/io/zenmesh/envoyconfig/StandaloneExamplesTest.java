package io.zenmesh.envoyconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.lint.EnvoyLinter;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The examples are what is rendered from their endpoints.yaml, load in Envoy, and leave no way past
 * the processor. {@code -Dgolden.update=true} writes them anew.
 */
class StandaloneExamplesTest {
  private final EnvoyBinary envoy = EnvoyBinary.find();
  @TempDir private Path directory;

  @Test
  void examples_areWhatIsRendered() throws IOException {
    SortedMap<String, String> rendered = StandaloneExamples.rendered();
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden.update in CI").isNotEqualTo("true");
      for (Map.Entry<String, String> file : rendered.entrySet()) {
        Files.writeString(StandaloneExamples.FOLDER.resolve(file.getKey()), file.getValue());
      }
    }
    SortedMap<String, String> committed = new TreeMap<>();
    try (Stream<Path> files = Files.list(StandaloneExamples.FOLDER)) {
      for (Path file : files.toList()) {
        if (!file.endsWith("endpoints.yaml")) {
          committed.put(file.getFileName().toString(), Files.readString(file));
        }
      }
    }
    assertThat(committed).isEqualTo(rendered);
  }

  @ParameterizedTest
  @ValueSource(strings = {"envoy.yaml", "envoy-mtls.yaml"})
  void completeExample_loadsInEnvoy(String name) throws IOException {
    DevPki pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    pki.issue(directory.resolve("edge"), Leaf.server("edge", "hooks.acme.example"));
    pki.issue(directory.resolve("envoy"), Leaf.workload("/envoy"));
    String text =
        Files.readString(StandaloneExamples.FOLDER.resolve(name))
            .replace("/etc/zen/", directory + "/");
    Optional<String> complaint =
        envoy.complaint(Files.writeString(directory.resolve("envoy.yaml"), text));
    assertThat(complaint).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "standalone/envoy.yaml",
        "standalone/envoy-mtls.yaml",
        "static-ingress.yaml",
        "static-authorization.yaml"
      })
  void E14_completeExample_hasNoFinding(String name) throws IOException {
    String text = Files.readString(StandaloneExamples.FOLDER.resolveSibling(name));
    assertThat(EnvoyLinter.lint(text)).isEmpty();
  }
}
