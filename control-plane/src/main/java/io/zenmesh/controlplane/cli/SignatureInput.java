package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeFinding;
import io.zenmesh.extproc.signature.SchemeFinding.Severity;
import io.zenmesh.extproc.signature.SchemeLinter;
import io.zenmesh.extproc.signature.SchemeSummary;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The options that verify, sign and explain share, and what they name, read. */
final class SignatureInput {
  @Option(
      names = "--scheme",
      required = true,
      paramLabel = "NAME|FILE.yaml",
      description = "A scheme of the catalogue, or a document of your own.")
  private String scheme = "";

  @Option(
      names = "--secret-file",
      paramLabel = "F",
      description = {
        "The secret as the provider shows it; one newline at the end is dropped.",
        "For schemes with public keys the sender's key; for sign the private one (PKCS #8)."
      })
  private Optional<Path> secretFile = Optional.empty();

  @Option(
      names = "--key-file",
      paramLabel = "F",
      description = {
        "The keys that messages of plaid, aws-sns, paypal and their like only name: a JWKS, or",
        "PEM of public keys or certificates. Where they come from is for you to check."
      })
  private Optional<Path> keyFile = Optional.empty();

  @Option(names = "--method", paramLabel = "POST", description = "Default: ${DEFAULT-VALUE}.")
  private String method = "POST";

  @Option(
      names = "--url",
      paramLabel = "URL",
      description = "The URL that the sender knows; needed where it is signed.")
  private Optional<String> url = Optional.empty();

  @Option(
      names = "--header",
      paramLabel = "'Name: value'",
      description = "A header of the request; may be repeated.")
  private List<String> headers = new ArrayList<>();

  @Option(
      names = "--header-file",
      paramLabel = "F",
      description = "Headers one per line, as sign prints them; for headers that hold a secret.")
  private Optional<Path> headerFile = Optional.empty();

  @Option(
      names = "--body-file",
      required = true,
      paramLabel = "F|-",
      description = "The raw body; - reads standard input.")
  private Path bodyFile = Path.of("-");

  @Option(names = "--at", paramLabel = "UNIX_SECONDS", description = "Default: now.")
  private Optional<Long> at = Optional.empty();

  @Option(
      names = "--tolerance",
      paramLabel = "S",
      description = "How far a signed time may lie from --at; default: the scheme's own.")
  private Optional<Integer> tolerance = Optional.empty();

  @Option(
      names = {"-o", "--output"},
      paramLabel = "text|json",
      description = "Default: ${DEFAULT-VALUE}.")
  private SignatureCommand.Format output = SignatureCommand.Format.text;

  @Spec(Spec.Target.MIXEE)
  private CommandSpec spec;

  boolean json() {
    return output == SignatureCommand.Format.json;
  }

  PrintWriter out() {
    return spec.commandLine().getOut();
  }

  private PrintWriter err() {
    return spec.commandLine().getErr();
  }

  Instant at() {
    try {
      return at.map(Instant::ofEpochSecond).orElseGet(InstantSource.system()::instant);
    } catch (java.time.DateTimeException outside) {
      throw CliException.usage("--at: " + at.orElse(0L) + " (expected: Unix seconds)");
    }
  }

  SchemeVerifier.Settings settings() {
    try {
      return new SchemeVerifier.Settings(tolerance.map(Duration::ofSeconds), url);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** The scheme of the catalogue or of the file; what is weak in a file is said on the way. */
  Scheme scheme() {
    boolean file = scheme.endsWith(".yaml") || scheme.endsWith(".yml");
    return file
        ? ofFile(Path.of(scheme))
        : Catalogue.bundled()
            .find(scheme)
            .orElseThrow(() ->
                CliException.usage(
                    "--scheme: "
                        + scheme
                        + " (expected: a name that 'zenctl signature schemes' lists, or a file"
                        + " that ends in .yaml)"));
  }

  private Scheme ofFile(Path file) {
    String yaml = new String(InputFiles.scheme(file), StandardCharsets.UTF_8);
    List<SchemeFinding> findings = SchemeLinter.lint(yaml);
    findings.forEach(finding -> err().println(file + ":" + finding));
    if (findings.stream().anyMatch(finding -> finding.severity() == Severity.ERROR)) {
      throw CliException.usage("--scheme: " + file + " is no scheme");
    }
    return Scheme.parse(yaml);
  }

  /** The secret; the caller's to close. */
  SecretBytes secret() {
    return secret(
        secretFile.orElseThrow(() -> CliException.usage("--secret-file: missing (expected: F)")));
  }

  /** Another secret; the caller's to close. */
  SecretBytes secret(Path file) {
    return InputFiles.secret(file, err());
  }

  /** The endpoint's keys: the secret, if one is named. */
  List<VerificationKey> keys() {
    if (secretFile.isEmpty() && keyFile.isPresent()) {
      return List.of();
    }
    return List.of(new VerificationKey("secret-file", Instant.MIN, Optional.empty(), secret()));
  }

  KeySource keySource() {
    return keyFile.map(KeyFile::read).orElse(KeySource.NONE);
  }

  /** The request; refused here when the scheme signs a URL that is not said. */
  CliRequest request(Scheme of) {
    if (url.isEmpty() && SchemeSummary.of(of).signsUrl()) {
      throw CliException.usage(
          "--url: missing (expected: the URL that the sender knows, " + of.name() + " signs it)");
    }
    List<String> lines = new ArrayList<>(headers);
    headerFile.ifPresent(file -> lines.addAll(InputFiles.headers(file)));
    return CliRequest.of(method, url, lines, InputFiles.body(bodyFile));
  }
}
