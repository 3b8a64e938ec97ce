package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.util.List;
import picocli.CommandLine.Option;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/** In which form a command prints. */
final class OutputOption {
  private static final JsonMapper JSON =
      JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

  @Option(
      names = {"-o", "--output"},
      defaultValue = "table",
      description = "${COMPLETION-CANDIDATES}; default: ${DEFAULT-VALUE}.")
  private Output output = Output.table;

  /**
   * Prints.
   *
   * @param value for programs
   * @param rows for people, the first being the heading
   */
  void print(PrintWriter out, Object value, List<List<String>> rows) {
    switch (output) {
      case json -> out.println(JSON.writeValueAsString(value));
      case table -> TextTable.lines(rows).forEach(out::println);
    }
  }
}
