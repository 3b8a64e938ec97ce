package io.zenmesh.controlplane.cli;

import java.net.http.HttpResponse;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** How a file's documents differ from what the control plane has. */
final class Differences {
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private Differences() {}

  /**
   * One document that differs.
   *
   * @param sign {@code +} to be made, {@code ~} to be changed
   * @param lines what differs within
   */
  record Difference(FileDocuments.Normal document, char sign, List<String> lines) {
    Difference {
      lines = List.copyOf(lines);
    }
  }

  /** Of those that the file states; what it does not state is not looked at. */
  static List<Difference> of(ApiClient api, List<FileDocuments.Normal> documents) {
    List<Difference> differences = new ArrayList<>();
    for (FileDocuments.Normal document : documents) {
      HttpResponse<String> there = api.call("GET", document.path(), Optional.empty());
      if (there.statusCode() == 404) {
        differences.add(new Difference(document, '+', List.of()));
        continue;
      }
      List<String> lines = new ArrayList<>();
      compare(
          "spec",
          JSON.readTree(there.body()).path("spec"),
          document.document().path("spec"),
          lines);
      if (!lines.isEmpty()) {
        differences.add(new Difference(document, '~', lines));
      }
    }
    return differences;
  }

  private static void compare(String path, JsonNode there, JsonNode wanted, List<String> lines) {
    if (there.isObject() && wanted.isObject()) {
      Set<String> keys = new LinkedHashSet<>(there.propertyNames());
      keys.addAll(wanted.propertyNames());
      keys.forEach(key -> compare(path + "." + key, there.path(key), wanted.path(key), lines));
    } else if (!there.equals(wanted) && !(there.isMissingNode() && wanted.isMissingNode())) {
      lines.add(path + ": " + shown(there) + " -> " + shown(wanted));
    }
  }

  private static String shown(JsonNode value) {
    return value.isMissingNode() ? "nothing" : value.toString();
  }
}
