package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.controlplane.audit.verify.EvidenceVerifier;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.xds.model.Name;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

@Command(
    name = "evidence",
    description =
        "Shows what happened under a correlation id, and proves that the record has it. What"
            + " -o json prints can be kept and checked again with --file, offline.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:every entry is what it says, and in the log of a signed checkpoint",
      "1:nothing is there, a file cannot be read, or the API does not answer",
      "2:wrong usage",
      "3:an entry or its proof is wrong, or the answer is to another question",
      "4:nothing is wrong, but an entry is not proved: no checkpoint covers it yet"
    })
final class AuditEvidenceCommand implements Callable<Integer> {
  private static final int NOT_PROVED = 4;
  private static final Pattern CORRELATION = Pattern.compile("[A-Za-z0-9._:-]{1,128}");
  private static final JsonMapper JSON = JsonMapper.builder().build();

  @ArgGroup(exclusive = true, multiplicity = "1")
  private Source source = new Source();

  /** Where the evidence comes from. */
  static final class Source {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "CORRELATION",
        description = "The id: X-Request-Id of an answer, or x-request-id of a delivery.")
    private Optional<String> correlation = Optional.empty();

    @Option(
        names = "--file",
        paramLabel = "FILE",
        description = "Checks evidence that was kept, without asking the API. Needs --key.")
    private Optional<Path> file = Optional.empty();
  }

  @Option(
      names = "--tenant",
      paramLabel = "NAME",
      description = "Whose record, for operators; default: the caller's own, or the platform's.")
  private Optional<String> tenant = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description =
          "The public keys of checkpoints you have kept, one a line; without it the one that the"
              + " API shows now.")
  private Optional<Path> key = Optional.empty();

  @Mixin private OutputOption output;

  @Spec private CommandSpec spec;
  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() {
    if (source.file.isPresent()) {
      if (key.isEmpty() || tenant.isPresent()) {
        throw CliException.usage("--file: (expected: with --key, and without --tenant)");
      }
      return shown(kept(source.file.get()), VerifierKeyFile.read(key.get()));
    }
    String correlation =
        source
            .correlation
            .filter(it -> CORRELATION.matcher(it).matches())
            .orElseThrow(
                () -> CliException.usage("correlation: malformed (expected: " + CORRELATION + ")"));
    tenant
        .filter(it -> !Name.isValid(it))
        .ifPresent(it -> {
          throw CliException.usage("--tenant: " + it + " (expected: a tenant's name)");
        });
    try (ApiClient api = parent.api()) {
      RecordView.Evidence evidence =
          api.evidence(correlation, tenant.map(Name::new))
              .orElseThrow(() ->
                  CliException.failed(correlation + ": nothing is on record, or it is not yours"));
      if (!evidence.correlation().equals(correlation)
          || tenant.filter(it -> !it.equals(evidence.chain())).isPresent()) {
        spec.commandLine()
            .getErr()
            .println("wrong: the answer is of another correlation id or tenant");
        return AuditVerifyCommand.NOT_WHOLE;
      }
      return shown(
          evidence,
          key.map(VerifierKeyFile::read)
              .orElseGet(() -> List.of(VerifierKey.parse(api.checkpoint().verifierKey()))));
    }
  }

  private static RecordView.Evidence kept(Path file) {
    try {
      return JSON.readValue(Files.readString(file), RecordView.Evidence.class);
    } catch (IOException e) {
      throw CliException.failed(e.getMessage() + " (expected: a readable file)");
    } catch (JacksonException e) {
      throw CliException.failed(file + ": is not what audit evidence -o json prints");
    }
  }

  private int shown(RecordView.Evidence evidence, List<VerifierKey> keys) {
    EvidenceVerifier.Report report;
    try {
      report =
          new EvidenceVerifier(evidence.log(), evidence.chain(), evidence.correlation(), keys)
              .check(evidence.entries().stream().map(it -> it.item(evidence.chain())).toList());
    } catch (IllegalArgumentException e) {
      throw CliException.failed("evidence: " + e.getMessage());
    }
    output.print(
        spec.commandLine().getOut(),
        evidence,
        AuditLines.rows(evidence.entries().stream().map(RecordView.Proved::entry).toList()));
    PrintWriter err = spec.commandLine().getErr();
    if (!report.faults().isEmpty()) {
      report.faults().forEach(it -> err.println("wrong: " + it));
      return AuditVerifyCommand.NOT_WHOLE;
    }
    err.printf(
        "proved: %d of %d entries are in the log of a signed checkpoint%s%n",
        report.proved(),
        report.proved() + report.uncovered(),
        report.uncovered() > 0 ? "; the others are younger than the newest one" : "");
    if (key.isEmpty()) {
      err.println("by the key that the API shows; keep it (audit checkpoint --key) for --key");
    }
    return report.uncovered() > 0 ? NOT_PROVED : Zenctl.DONE;
  }
}
