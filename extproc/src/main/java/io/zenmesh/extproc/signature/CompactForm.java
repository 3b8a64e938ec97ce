package io.zenmesh.extproc.signature;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads the catalogue's documents in the form that they ship in: one value a line, whose first
 * character says what it is. A parser of JSON would take longer to load than all of them to read.
 *
 * <p>A mapping is {@code {}, then each name as {@code :name} with its value, then {@code }}. A list
 * is {@code [}, its values, {@code ]}. A text is {@code "text}, with {@code \\n} for a line's end;
 * a number {@code #1}; a flag {@code !true}. Nothing else is ever written, by the test that makes
 * the form from the YAML documents.
 */
final class CompactForm {
  private final Iterator<String> lines;

  private CompactForm(Iterator<String> lines) {
    this.lines = lines;
  }

  /**
   * Reads one document.
   *
   * @throws IllegalStateException when it is not of this form
   */
  static Map<?, ?> read(String document) {
    CompactForm form = new CompactForm(document.lines().iterator());
    if (form.value(form.lines.next()) instanceof Map<?, ?> mapping && !form.lines.hasNext()) {
      return mapping;
    }
    throw new IllegalStateException("catalogue: (expected: one mapping a document)");
  }

  private Object value(String line) {
    String text = line.substring(1);
    return switch (line.charAt(0)) {
      case '{' -> mapping();
      case '[' -> list();
      case '"' -> text.replace("\\n", "\n");
      case '#' -> Integer.valueOf(text);
      case '!' -> Boolean.valueOf(text);
      default -> throw new IllegalStateException("catalogue: " + line + " (expected: a value)");
    };
  }

  private Map<String, Object> mapping() {
    Map<String, Object> mapping = new LinkedHashMap<>();
    for (String line = lines.next(); !line.equals("}"); line = lines.next()) {
      mapping.put(line.substring(1), value(lines.next()));
    }
    return mapping;
  }

  private List<Object> list() {
    List<Object> list = new ArrayList<>();
    for (String line = lines.next(); !line.equals("]"); line = lines.next()) {
      list.add(value(line));
    }
    return list;
  }
}
