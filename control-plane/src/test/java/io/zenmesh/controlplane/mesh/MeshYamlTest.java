package io.zenmesh.controlplane.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What of YAML a mesh may be written in, and how much of it. */
class MeshYamlTest {
  @TempDir Path folder;
  private TestMesh files;

  @BeforeEach
  void write() {
    files = TestMesh.in(folder);
  }

  private List<String> problems(String yaml) {
    return files.problems(yaml);
  }

  @Test
  void emptyFile_isRefused() {
    for (String empty : List.of("", "---\n", "# nothing\n", "---\n---\n")) {
      assertThat(problems(empty))
          .containsExactly(
              "mesh.yaml:1: file: no documents (expected: at least one; the last Tenant has to"
                  + " stay)");
    }
  }

  @Test
  void notYaml_isOneProblemWithItsLine() {
    assertThat(problems("kind: Tenant\nmetadata: {name: [acme\n"))
        .singleElement()
        .asString()
        .startsWith("mesh.yaml:")
        .contains("YAML:")
        .endsWith("(expected: well-formed YAML)");
  }

  @Test
  void syntaxError_doesNotRepeatTheLineItStandsOn() {
    assertThat(problems("value: \"CANARY-secret\n")).asString().doesNotContain("CANARY");
    assertThat(problems("a: CANARY: b\n")).asString().doesNotContain("CANARY");
  }

  @Test
  void duplicateKey_isRefused() {
    String yaml =
        "apiVersion: zenmesh.io/v1alpha1\nkind: Tenant\nkind: Tenant\nmetadata: {name: a}\n";
    assertThat(problems(yaml))
        .containsExactly("mesh.yaml:3: key: given twice (expected: each key once)");
  }

  @Test
  void alias_isRefused() {
    String bomb = "a: &a [x]\nb: &b [*a, *a]\nc: [*b, *b]\n";
    assertThat(problems(bomb)).anyMatch(it -> it.contains("alias: given (expected: no aliases)"));
  }

  @Test
  void tag_isRefused() {
    assertThat(problems("a: !!java.net.URL [\"http://x\"]\n"))
        .anyMatch(it -> it.contains("tag: given (expected: no tags)"));
  }

  @Test
  void deepNesting_isRefused() {
    assertThat(problems("a: " + "[".repeat(200_000) + "]".repeat(200_000)))
        .singleElement()
        .asString()
        .hasSizeLessThan(200)
        .contains("well-formed YAML");
  }

  @Test
  void moreDocumentsThanTheLimit_areRefused() {
    assertThat(problems("--- {}\n".repeat(YamlTree.MAX_DOCUMENTS + 1)))
        .anyMatch(it -> it.contains("documents: more (expected: at most 10000)"))
        .hasSizeLessThanOrEqualTo(Problems.SHOWN + 1);
  }

  @Test
  void fileOverTheLimit_isRefused() {
    assertThat(problems("# " + "x".repeat(YamlTree.MAX_CHARACTERS)))
        .singleElement()
        .asString()
        .contains("characters (expected: at most 10485760)");
  }
}
