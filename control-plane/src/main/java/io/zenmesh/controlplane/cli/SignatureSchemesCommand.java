package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.ReplayRule;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSummary;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;
import tools.jackson.databind.json.JsonMapper;

@Command(name = "schemes", description = "Lists the catalogue of signature schemes.")
final class SignatureSchemesCommand implements Callable<Integer> {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      description = "Default: ${DEFAULT-VALUE}.")
  private SignatureCommand.Format output = SignatureCommand.Format.text;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    Collection<Scheme> schemes = Catalogue.bundled().schemes();
    switch (output) {
      case json ->
          spec.commandLine()
              .getOut()
              .println(
                  JsonMapper.shared()
                      .writeValueAsString(
                          schemes.stream().map(SignatureSchemesCommand::json).toList()));
      case text ->
          TextTable.lines(rows(schemes)).forEach(line -> spec.commandLine().getOut().println(line));
    }
    return Zenctl.DONE;
  }

  private static List<List<String>> rows(Collection<Scheme> schemes) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(List.of("SCHEME", "PROVIDER", "SIGNATURE", "TOLERANCE", "REPLAY", "WEAK"));
    for (Scheme scheme : schemes) {
      rows.add(
          List.of(
              scheme.name(),
              scheme.title(),
              String.join(", ", SchemeSummary.of(scheme).algorithms()),
              scheme.tolerance().map(it -> it.toSeconds() + " s").orElse("-"),
              replay(scheme),
              scheme.weak() ? "weak" : "-"));
    }
    return rows;
  }

  private static String replay(Scheme scheme) {
    ReplayRule.By by = scheme.replay().by();
    return by.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Map<String, @Nullable Object> json(Scheme scheme) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("name", scheme.name());
    fields.put("title", scheme.title());
    fields.put("weak", scheme.weak());
    fields.put("algorithms", SchemeSummary.of(scheme).algorithms());
    fields.put("headers", List.copyOf(scheme.headers()));
    fields.put("toleranceSeconds", scheme.tolerance().map(Duration::toSeconds).orElse(null));
    fields.put("replay", replay(scheme));
    fields.put("docs", scheme.docs().toString());
    return fields;
  }
}
