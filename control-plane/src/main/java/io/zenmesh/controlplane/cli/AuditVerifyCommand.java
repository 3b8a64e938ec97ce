package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.audit.verify.ExportReader;
import io.zenmesh.controlplane.audit.verify.Fault;
import io.zenmesh.controlplane.audit.verify.RecordVerifier;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.controlplane.audit.verify.WitnessKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "verify",
    description = "Checks an export, offline, and names the first bad position.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:the record is whole, as far as the checkpoints cover it",
      "1:a file cannot be read, or a checkpoint is not signed by the keys or not by the witness",
      "2:wrong usage",
      "3:the record is not whole; the first bad position is on standard error"
    })
final class AuditVerifyCommand implements Callable<Integer> {
  static final int NOT_WHOLE = 3;
  private static final int SHOWN = 20;

  @Option(
      names = "--export",
      required = true,
      paramLabel = "FILE",
      description = "What to check: an export, plain or gzip.")
  private Path export;

  @Option(
      names = "--from-checkpoint",
      paramLabel = "FILE",
      description =
          "Signed notes kept outside the database: one, or a history. Without them a record that"
              + " was cut off, written anew or put back from a backup looks whole.")
  private Optional<Path> checkpoints = Optional.empty();

  @Option(
      names = "--key",
      paramLabel = "FILE",
      description = "The public keys the notes must be signed by, one a line.")
  private Optional<Path> keys = Optional.empty();

  @Option(
      names = "--witness-key",
      paramLabel = "KEY",
      description =
          "The public key of a witness; every checkpoint given must be cosigned with it. Needs"
              + " --from-checkpoint.")
  private Optional<String> witnessKey = Optional.empty();

  @Option(
      names = "--archive",
      arity = "1..*",
      paramLabel = "DIR|FILE",
      description =
          "Where the beginning of a chain is that was archived: files, or directories with all"
              + " .jsonl.gz files in them. Without it an export's cut is taken as it is said.")
  private List<Path> archives = List.of();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    if (checkpoints.isPresent() != keys.isPresent()) {
      throw CliException.usage("--from-checkpoint, --key: one alone (expected: both or none)");
    }
    if (witnessKey.isPresent() && checkpoints.isEmpty()) {
      throw CliException.usage("--witness-key: alone (expected: with --from-checkpoint)");
    }
    Optional<WitnessKey> witness = witnessKey.map(AuditVerifyCommand::witness);
    List<SignedCheckpoint> trusted =
        checkpoints.isPresent() && keys.isPresent()
            ? trusted(checkpoints.get(), keys.get())
            : List.of();
    witness.ifPresent(it -> demandCosigned(trusted, it));
    ArchiveFiles archived = ArchiveFiles.read(archives, trusted, keys.map(VerifierKeyFile::read));
    if (!archived.faults().isEmpty()) {
      return broken(archived.faults());
    }
    RecordVerifier verifier = new RecordVerifier(trusted, archived.chains());
    try (InputStream in = Files.newInputStream(export)) {
      ExportReader.read(in, verifier::accept);
    } catch (IOException e) {
      throw CliException.failed(export + ": " + e.getMessage());
    }
    RecordVerifier.Report report = verifier.finish();
    if (report.faults().isEmpty()) {
      archived.lines().forEach(spec.commandLine().getOut()::println);
      int done = whole(report);
      witness.ifPresent(it -> printCosigned(trusted.getLast(), it));
      return done;
    }
    return broken(report.faults().stream().map(Fault::toString).toList());
  }

  private static WitnessKey witness(String text) {
    try {
      return WitnessKey.parse(text);
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--witness-key: " + e.getMessage());
    }
  }

  private static void demandCosigned(List<SignedCheckpoint> trusted, WitnessKey witness) {
    for (int i = 0; i < trusted.size(); i++) {
      if (witness.cosigned(trusted.get(i)).isEmpty()) {
        throw CliException.failed(
            "checkpoint " + (i + 1) + " is not cosigned by the witness " + witness.name());
      }
    }
  }

  private void printCosigned(SignedCheckpoint checkpoint, WitnessKey witness) {
    witness
        .cosigned(checkpoint)
        .ifPresent(time ->
            spec.commandLine().getOut().printf("cosigned by %s at %s%n", witness.name(), time));
  }

  private List<SignedCheckpoint> trusted(Path checkpoints, Path keys) {
    List<VerifierKey> known = VerifierKeyFile.read(keys);
    List<SignedCheckpoint> notes;
    try {
      notes = SignedCheckpoint.parseAll(Files.readString(checkpoints));
    } catch (IOException e) {
      throw CliException.failed(e.getMessage() + " (expected: a readable file)");
    } catch (IllegalArgumentException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    }
    if (notes.isEmpty()) {
      throw CliException.failed(checkpoints + ": empty (expected: a signed note)");
    }
    for (int i = 0; i < notes.size(); i++) {
      if (!notes.get(i).signedBy(known)) {
        throw CliException.failed(
            checkpoints + ": checkpoint " + (i + 1) + " is not signed by a key of " + keys);
      }
    }
    return notes;
  }

  private int whole(RecordVerifier.Report report) {
    PrintWriter out = spec.commandLine().getOut();
    out.printf(
        "whole: %d entries in %d chains, %d places in the log%n",
        report.entries(), report.chains(), report.log());
    if (report.checkpoints() == 0) {
      out.println(
          "no checkpoint: a record that was cut off, written anew or put back would look the same");
    } else {
      out.printf(
          "%d checkpoints agree; they cover the first %d places%n",
          report.checkpoints(), report.covered());
    }
    return Zenctl.DONE;
  }

  private int broken(List<String> faults) {
    PrintWriter err = spec.commandLine().getErr();
    err.println("first bad position: " + faults.getFirst());
    faults.stream().skip(1).limit(SHOWN).forEach(fault -> err.println("also: " + fault));
    if (faults.size() > SHOWN + 1) {
      err.println("and " + (faults.size() - SHOWN - 1) + " more");
    }
    return NOT_WHOLE;
  }
}
