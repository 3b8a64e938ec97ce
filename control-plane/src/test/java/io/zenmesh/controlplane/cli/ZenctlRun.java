package io.zenmesh.controlplane.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** One run of zenctl and what it printed. */
public record ZenctlRun(int exitCode, String out, String err) {
  /** Runs it with a configuration file. */
  public static ZenctlRun of(Path config, String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.add("--config");
    all.add(config.toString());
    return of(Map.of(), all.toArray(String[]::new));
  }

  static ZenctlRun of(Map<String, String> environment, String... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Zenctl.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
    return new ZenctlRun(code, out.toString(), err.toString());
  }
}
