package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SchemeFinding.Severity;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import tools.jackson.core.JacksonException;

/**
 * Reads a scheme document that a user wrote, and says where it is wrong or weak. Pure; never throws
 * for what stands in the document.
 */
public final class SchemeLinter {
  private SchemeLinter() {}

  /**
   * Every finding, in the order of the document. With an error the document is no scheme; with
   * warnings it is one whose weakness its author should know.
   *
   * @param yaml one document of the scheme language
   */
  public static List<SchemeFinding> lint(String yaml) {
    YamlPositions positions;
    try {
      positions = YamlPositions.of(yaml);
    } catch (JacksonException e) {
      int line = Math.max(e.getLocation() == null ? 1 : e.getLocation().getLineNr(), 1);
      int column = Math.max(e.getLocation() == null ? 1 : e.getLocation().getColumnNr(), 1);
      return List.of(
          new SchemeFinding(line, column, "document", Severity.ERROR, e.getOriginalMessage()));
    }
    List<SchemeFinding> findings = new ArrayList<>();
    try {
      warnings(Scheme.parse(yaml))
          .forEach(warning ->
              findings.add(positions.at(warning.path(), Severity.WARNING, warning.problem())));
    } catch (InvalidSchemeException e) {
      for (String problem : e.problems()) {
        int colon = problem.indexOf(": ");
        findings.add(
            positions.at(
                problem.substring(0, colon), Severity.ERROR, problem.substring(colon + 2)));
      }
    }
    findings.sort(
        Comparator.comparingInt(SchemeFinding::line).thenComparingInt(SchemeFinding::column));
    return List.copyOf(findings);
  }

  /** A weakness and the place that has it. */
  private record Warning(String path, String problem) {}

  private static List<Warning> warnings(Scheme scheme) {
    List<Warning> warnings = new ArrayList<>();
    for (int i = 0; i < scheme.signatures().size(); i++) {
      SignatureAlgorithm algorithm = scheme.signatures().get(i).algorithm();
      String path = (i == 0 ? "signature" : "alternatives[" + (i - 1) + "]") + ".algorithm";
      if (algorithm.isOutdated()) {
        warnings.add(
            new Warning(path, algorithm.shown() + " is outdated (expected: sha256 or longer)"));
      }
      if (algorithm.kind() == SignatureAlgorithm.Kind.TOKEN) {
        warnings.add(
            new Warning(path, "a token signs nothing (expected: a keyed hash or a signature)"));
      }
      if (algorithm.kind() == SignatureAlgorithm.Kind.HASH) {
        warnings.add(
            new Warning(path, "a hash of secret and message is no keyed hash (expected: hmac)"));
      }
    }
    boolean signs = scheme.content().isPresent() || scheme.signature().form().namesContent();
    if (signs && !scheme.signsBody()) {
      warnings.add(
          new Warning("content", "the body is not signed (expected: {body} or {body-sha256})"));
    }
    if (scheme.tolerance().isEmpty() && !scheme.signsId() && scheme.inputs().nonce().isEmpty()) {
      warnings.add(
          new Warning(
              "replay", "no signed time and no signed id: an old message is as good as a new one"));
    }
    if (scheme.memory().by() == ReplayRule.By.NONE
        || scheme.memory().by() == ReplayRule.By.UNSIGNED_ID) {
      warnings.add(new Warning("replay.by", "no replay protection"));
    }
    scheme
        .content()
        .map(ContentTemplate::runningTogether)
        .orElse(List.of())
        .forEach(field ->
            warnings.add(
                new Warning(
                    "content",
                    field
                        + " may run into what follows it, so that two messages sign the same bytes"
                        + " (expected: a fixed grammar and a character that it excludes)")));
    return warnings;
  }
}
