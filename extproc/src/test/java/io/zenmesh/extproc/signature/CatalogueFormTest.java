package io.zenmesh.extproc.signature;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * The compact form of the catalogue is its YAML documents and nothing else; rewritten with {@code
 * -Dgolden.update=true}.
 */
class CatalogueFormTest {
  private static final Path FOLDER =
      Path.of("src/main/resources/io/zenmesh/extproc/signature/catalogue");
  private static final Path COMPACT = FOLDER.resolveSibling("catalogue.compact");
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
    List<String> documents = new ArrayList<>();
    for (String name : names) {
      StringBuilder document = new StringBuilder();
      write(DocumentTree.ofYaml(Files.readString(FOLDER.resolve(name + ".yaml"))), document);
      documents.add(document.toString());
    }
    return documents;
  }

  private static void write(Object value, StringBuilder to) {
    switch (value) {
      case Map<?, ?> mapping -> {
        to.append("{\n");
        mapping.forEach((name, inside) -> {
          to.append(':').append(name).append('\n');
          write(inside, to);
        });
        to.append("}\n");
      }
      case List<?> list -> {
        to.append("[\n");
        list.forEach(inside -> write(inside, to));
        to.append("]\n");
      }
      case String text -> {
        assertThat(text).as("the form has no escape for it").doesNotContain("\\", "\r");
        to.append('"').append(text.replace("\n", "\\n")).append('\n');
      }
      case Integer number -> to.append('#').append(number).append('\n');
      case Boolean flag -> to.append('!').append(flag).append('\n');
      default -> throw new AssertionError(value + ": no scheme has such a value");
    }
  }

  @Test
  void compactForm_isTheDocuments() throws IOException {
    List<String> expected = documents();
    if (Boolean.getBoolean("golden.update")) {
      Files.writeString(COMPACT, String.join("\n", expected));
    }
    assertThat(Files.readString(COMPACT))
        .as("changed schemes: run this test with -Dgolden.update=true")
        .isEqualTo(String.join("\n", expected));
  }

  @Test
  void documentOfAnotherForm_isRefused() {
    for (String document : List.of("", "\"text\n", "{\n}\n}\n", "{\n:a\n", "{\n:a\n?\n}\n")) {
      assertThatThrownBy(() -> CompactForm.read(document))
          .as(document)
          .isInstanceOfAny(IllegalStateException.class, NoSuchElementException.class);
    }
  }

  @Test
  void everyDocument_inBothForms_isTheSchemeOfItsName() throws IOException {
    List<String> names = Files.readAllLines(INDEX);
    List<String> compact = List.of(Files.readString(COMPACT).split("\n\n"));
    for (int i = 0; i < names.size(); i++) {
      String yaml = Files.readString(FOLDER.resolve(names.get(i) + ".yaml"));
      assertThat(Scheme.parse(yaml).name()).isEqualTo(names.get(i));
      assertThat(SchemeReader.readCompact(compact.get(i)).name()).isEqualTo(names.get(i));
      assertThat(CompactForm.read(compact.get(i))).isEqualTo(DocumentTree.ofYaml(yaml));
    }
    assertThat(Catalogue.bundled().schemes()).hasSameSizeAs(names);
  }
}
