package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.audit.verify.VerifierKey;
import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.witness.Cosigner;
import io.zenmesh.controlplane.witness.Witness;
import io.zenmesh.controlplane.witness.WitnessKeyFile;
import io.zenmesh.controlplane.witness.WitnessServer;
import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
    name = "witness",
    description =
        "Runs a witness until SIGTERM: it cosigns checkpoints that continue what it has cosigned"
            + " before, and no other. Prints its address and its public key.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {
      "0:ended, or the key was made",
      "1:the key, the state or the address cannot be used",
      "2:wrong usage"
    })
final class AuditWitnessCommand implements Callable<Integer> {
  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where control planes connect; port 0 takes a free one.")
  private Optional<String> listen = Optional.empty();

  @Option(
      names = "--key",
      required = true,
      paramLabel = "FILE",
      description = "The private key, mode 0600.")
  private Path key;

  @Option(
      names = "--generate",
      paramLabel = "NAME",
      description =
          "Makes the key first, of this name, in a new file. Without --listen only that is done.")
  private Optional<String> generate = Optional.empty();

  @Option(
      names = "--state",
      paramLabel = "DIR",
      description =
          "Where it remembers what it has cosigned; of this witness alone. Never lose it.")
  private Optional<Path> state = Optional.empty();

  @Option(
      names = "--log-key",
      paramLabel = "KEY",
      description =
          "The public key of a log, as zenctl audit checkpoint --key prints it; may be repeated.")
  private List<String> logKeys = List.of();

  @Option(
      names = "--identity",
      paramLabel = "DIR",
      description =
          "svid.pem, key.pem and bundle.pem for TLS. Without it: plain HTTP, on a loopback address"
              + " only.")
  private Optional<Path> identity = Optional.empty();

  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws InterruptedException {
    PrintWriter out = spec.commandLine().getOut();
    generate.ifPresent(this::make);
    Cosigner cosigner = cosigner();
    if (listen.isEmpty()) {
      if (generate.isEmpty()) {
        throw CliException.usage("--listen: missing (expected: HOST:PORT, or --generate)");
      }
      out.println(cosigner.verifierKey());
      return Zenctl.DONE;
    }
    if (state.isEmpty() || logKeys.isEmpty()) {
      throw CliException.usage("--state, --log-key: missing (expected: both with --listen)");
    }
    InetSocketAddress address = address(listen.get());
    try (Witness witness = Witness.open(state.get(), cosigner, known());
        WitnessServer server =
            new WitnessServer(address, identity.map(IdentityFiles::new), witness)) {
      int port = server.start();
      out.println("ready witness=" + address.getHostString() + ":" + port);
      out.println("key " + cosigner.verifierKey());
      untilTheEnd();
      return Zenctl.DONE;
    } catch (IOException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  /** What is cosigned is on disk already: whatever ends the process loses nothing. */
  private static void untilTheEnd() throws InterruptedException {
    Runtime.getRuntime()
        .addShutdownHook(
            Thread.ofPlatform()
                .name("shutdown")
                // Without it the JVM reports the signal, and an orderly end looks like a failure.
                .unstarted(() -> Runtime.getRuntime().halt(Zenctl.DONE)));
    new CountDownLatch(1).await();
  }

  private void make(String name) {
    if (Files.exists(key)) {
      throw CliException.usage("--key: " + key + " exists (expected: a new file)");
    }
    try {
      WitnessKeyFile.create(key, name, new SecureRandom());
    } catch (IOException e) {
      throw CliException.failed("--key: " + key + " cannot be made (expected: a new file)");
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--generate: " + e.getMessage());
    }
  }

  private Cosigner cosigner() {
    try {
      return new Cosigner(WitnessKeyFile.read(key), InstantSource.system());
    } catch (CustodyException | IllegalArgumentException e) {
      throw CliException.failed(String.valueOf(e.getMessage()));
    }
  }

  private List<VerifierKey> known() {
    return logKeys.stream().map(VerifierKey::parse).toList();
  }

  private static InetSocketAddress address(String text) {
    int colon = text.lastIndexOf(':');
    String port = text.substring(colon + 1);
    if (colon < 1 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > 65_535) {
      throw CliException.usage("--listen: " + text + " (expected: HOST:PORT)");
    }
    return new InetSocketAddress(text.substring(0, colon), Integer.parseInt(port));
  }
}
