package io.zenmesh.extproc.pipeline;

import java.util.List;
import java.util.Map;

/** The head of a request whose fields a test lists, so that it can repeat one. */
interface ListedHead extends RequestHead {
  /** In order, names in lower case, pseudo-headers included. */
  List<Map.Entry<String, String>> fields();

  @Override
  default List<String> header(String lowerCaseName) {
    return fields().stream()
        .filter(field -> field.getKey().equals(lowerCaseName))
        .map(Map.Entry::getValue)
        .toList();
  }

  @Override
  default int fieldCount() {
    return fields().size();
  }

  @Override
  default long fieldBytes() {
    return fields().stream()
        .mapToLong(field -> field.getKey().length() + field.getValue().length())
        .sum();
  }
}
