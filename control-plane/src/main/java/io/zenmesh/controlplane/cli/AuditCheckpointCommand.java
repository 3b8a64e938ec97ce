package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.api.RecordView;
import io.zenmesh.controlplane.audit.Hash;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.TreeVerifier;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "checkpoint",
    description =
        "Prints the newest checkpoint, for you to keep. With --since, only when it continues the one"
            + " you have kept.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:printed",
      "1:a file cannot be read, the API does not answer, or there is no checkpoint",
      "2:wrong usage",
      "3:the newest checkpoint does not continue the kept one: the record was changed"
    })
final class AuditCheckpointCommand implements Callable<Integer> {
  @Option(names = "--key", description = "Prints the public key instead.")
  private boolean key;

  @Option(
      names = "--cosigned",
      description = "Prints the newest that the witness has cosigned, with its line.")
  private boolean cosigned;

  @Option(names = "--since", paramLabel = "FILE", description = "The checkpoint you have kept.")
  private Optional<Path> since = Optional.empty();

  @Option(
      names = "--trusted-key",
      paramLabel = "FILE",
      description = "The public keys you have kept, one a line; needed with --since.")
  private Optional<Path> trusted = Optional.empty();

  @Spec private CommandSpec spec;
  @ParentCommand private AuditCommand parent;

  @Override
  public Integer call() {
    if (since.isPresent() != trusted.isPresent()) {
      throw CliException.usage("--since, --trusted-key: one alone (expected: both or none)");
    }
    if (cosigned && (key || since.isPresent())) {
      throw CliException.usage("--cosigned: with --key or --since (expected: alone)");
    }
    PrintWriter out = spec.commandLine().getOut();
    try (ApiClient api = parent.api()) {
      if (cosigned) {
        out.print(
            api.cosignedCheckpoint()
                .orElseThrow(() -> CliException.failed("no cosigned checkpoint")));
        out.flush();
        return Zenctl.DONE;
      }
      if (since.isPresent() && trusted.isPresent()) {
        return continued(api, since.get(), trusted.get());
      }
      RecordView.Newest newest = api.checkpoint();
      if (key) {
        out.println(newest.verifierKey());
        return Zenctl.DONE;
      }
      out.print(newest.checkpoint().orElseThrow(() -> CliException.failed("no checkpoint yet")));
      out.flush();
      return Zenctl.DONE;
    }
  }

  private int continued(ApiClient api, Path file, Path keyFile) {
    SignedCheckpoint kept;
    List<VerifierKey> keys;
    try {
      kept = SignedCheckpoint.parse(Files.readString(file));
      keys = Files.readString(keyFile).lines().map(VerifierKey::parse).toList();
    } catch (IOException e) {
      throw CliException.failed(e.getMessage() + " (expected: a readable file)");
    } catch (IllegalArgumentException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    }
    if (!kept.signedBy(keys)) {
      throw CliException.failed(file + ": is not signed by a key of " + keyFile);
    }
    RecordView.Proof proof = api.consistency(Math.max(1, kept.size()));
    SignedCheckpoint newest = SignedCheckpoint.parse(proof.checkpoint());
    boolean good =
        newest.signedBy(keys)
            && newest.origin().equals(kept.origin())
            && (kept.size() == 0
                || new TreeVerifier()
                    .continues(
                        kept.size(),
                        kept.root(),
                        newest.size(),
                        newest.root(),
                        proof.path().stream().map(Hash::parse).toList()));
    if (!good) {
      spec.commandLine()
          .getErr()
          .println("the newest checkpoint does not continue " + file + ": the record was changed");
      return AuditVerifyCommand.NOT_WHOLE;
    }
    spec.commandLine().getOut().print(proof.checkpoint());
    spec.commandLine().getOut().flush();
    return Zenctl.DONE;
  }
}
