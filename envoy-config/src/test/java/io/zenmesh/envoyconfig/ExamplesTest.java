package io.zenmesh.envoyconfig;

import static org.assertj.core.api.Assertions.assertThat;

import io.zenmesh.xds.resource.Bootstrap;
import io.zenmesh.xds.resource.StaticConfig;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The examples are what the factories render.
 *
 * <p>{@code -Dgolden.update=true} writes them anew and deletes those that no longer are.
 */
class ExamplesTest {
  private static final Path EXAMPLES = Path.of("src/main/resources/io/zenmesh/envoyconfig");
  private static final Path IDENTITY = Path.of("/etc/zen/identity");

  @Test
  void examples_areWhatTheFactoriesRender() throws IOException {
    SortedMap<String, String> rendered = rendered();
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden.update in CI").isNotEqualTo("true");
      for (Path file : files()) {
        Files.delete(file);
      }
      for (Map.Entry<String, String> file : rendered.entrySet()) {
        Files.writeString(EXAMPLES.resolve(file.getKey()), file.getValue());
      }
    }
    SortedMap<String, String> committed = new TreeMap<>();
    for (Path file : files()) {
      committed.put(EXAMPLES.relativize(file).toString(), Files.readString(file));
    }
    assertThat(committed).isEqualTo(rendered);
  }

  private static SortedMap<String, String> rendered() {
    Bootstrap.Spec ingress =
        ExampleMesh.spec(ExampleMesh.INGRESS, IDENTITY, Path.of("/run/zen/ingress-admin.sock"));
    Bootstrap.Spec egress =
        ExampleMesh.spec(ExampleMesh.EGRESS, IDENTITY, Path.of("/run/zen/egress-admin.sock"));
    return new TreeMap<>(
        Map.of(
            "bootstrap.yaml",
            Bootstrap.render(ingress),
            "static-ingress.yaml",
            StaticConfig.render(
                ExampleMesh.ingress(ExampleMesh.ingressNode(18443, "/run/zen/extproc.sock", 18543)),
                ingress),
            "static-authorization.yaml",
            StaticConfig.render(
                ExampleMesh.ingressByAuthorization(
                    ExampleMesh.ingressNode(18443, "/run/zen/extproc.sock", 18543)),
                ingress),
            "static-egress.yaml",
            StaticConfig.render(
                ExampleMesh.egress(
                    ExampleMesh.egressNode(
                        18543, URI.create("https://orders.acme.example/in"), Optional.empty()),
                    List.of()),
                egress)));
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(EXAMPLES)) {
      return files.filter(file -> file.toString().endsWith(".yaml")).toList();
    }
  }
}
