package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The compact form of the catalogue is its YAML documents and nothing else; rewritten with {@code
 * -Dgolden.update=true}.
 */
class CatalogueFormTest {
  private static final Path FOLDER =
      Path.of("src/main/resources/io/zenmesh/extproc/signature/catalogue");
  private static final Path COMPACT = FOLDER.resolveSibling("catalogue.jsonl");
  private static final Path INDEX = FOLDER.resolve("INDEX");

  private static List<String> documents() throws IOException {
    List<String> names;
    try (Stream<Path> files = Files.list(FOLDER)) {
      names =
          files
              .map(file -> String.valueOf(file.getFileName()))
              .filter(name -> name.endsWith(".yaml"))
              .map(name -> name.substring(0, name.length() - ".yaml".length()))
              .sorted()
              .toList();
    }
    assertThat(Files.readAllLines(INDEX)).isEqualTo(names);
    List<String> lines = new ArrayList<>();
    for (String name : names) {
      lines.add(SchemeReader.tree(Files.readString(FOLDER.resolve(name + ".yaml"))).toString());
    }
    return lines;
  }

  @Test
  void compactForm_isTheDocuments() throws IOException {
    List<String> expected = documents();
    if (Boolean.getBoolean("golden.update")) {
      Files.write(COMPACT, expected);
    }
    assertThat(Files.readAllLines(COMPACT))
        .as("changed schemes: run this test with -Dgolden.update=true")
        .isEqualTo(expected);
  }

  @Test
  void everyDocument_inBothForms_isTheSchemeOfItsName() throws IOException {
    List<String> names = Files.readAllLines(INDEX);
    List<String> compact = Files.readAllLines(COMPACT);
    for (int i = 0; i < names.size(); i++) {
      String yaml = Files.readString(FOLDER.resolve(names.get(i) + ".yaml"));
      assertThat(Scheme.parse(yaml).name()).isEqualTo(names.get(i));
      assertThat(SchemeReader.readCompact(compact.get(i)).name()).isEqualTo(names.get(i));
    }
    assertThat(Catalogue.bundled().schemes()).hasSameSizeAs(names);
  }
}
