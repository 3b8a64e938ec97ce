package io.zenmesh.extproc;

import ch.qos.logback.classic.LoggerContext;
import io.zenmesh.extproc.standalone.UnusableConfigException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/**
 * The command line of the external processor.
 *
 * <p>Exit status: 0 after SIGTERM, 2 for a wrong command line or unusable settings, 1 for anything
 * else; each failure says one line on stderr, a bad file one for each problem.
 */
@Command(
    name = "zen-extproc",
    description = "Verifies webhooks beside an Envoy",
    mixinStandardHelpOptions = true,
    subcommands = Main.Serve.class)
public final class Main {
  private static final int USAGE = 2;
  private static final int FAILED = 1;

  private Main() {}

  /** Runs the command. */
  public static void main(String[] args) {
    // Before any logger exists. A name of our own: the control plane has this jar on its class
    // path.
    setDefault("logback.configurationFile", "io/zenmesh/extproc/logback.xml");
    // Seconds within which the admin server's clients must have sent and taken everything.
    setDefault("sun.net.httpserver.maxReqTime", "5");
    setDefault("sun.net.httpserver.maxRspTime", "5");
    // Sampled leak traces cost about a twentieth of a request; the tests run with them.
    setDefault("io.netty.leakDetection.level", "disabled");
    int status = new CommandLine(new Main()).execute(args);
    System.exit(status);
  }

  private static void setDefault(String property, String value) {
    if (System.getProperty(property) == null) {
      System.setProperty(property, value);
    }
  }

  /** {@code serve}: runs until SIGTERM. */
  @Command(
      name = "serve",
      description = {
        "Serves one Envoy, in one of two ways:",
        "  stand-alone:        serve --config endpoints.yaml",
        "  of a control plane: serve with every other option; --redis-identity, --receipts and",
        "                      --receipts-max-mib may be left out"
      },
      mixinStandardHelpOptions = true)
  static final class Serve implements Runnable, CommandLine.IExitCodeGenerator {
    @Mixin private ServeOptions options;
    private int status;

    @Override
    public void run() {
      Settings settings;
      try {
        settings =
            options.settings(Clock.systemUTC(), name -> Optional.ofNullable(System.getenv(name)));
      } catch (IllegalArgumentException | UnusableConfigException e) {
        fail(USAGE, String.valueOf(e.getMessage()));
        return;
      }
      try {
        serve(settings);
      } catch (ExtProc.UnfitException e) {
        fail(FAILED, String.valueOf(e.getMessage()));
      } catch (IllegalArgumentException e) {
        fail(USAGE, String.valueOf(e.getMessage()));
      } catch (IOException e) {
        fail(FAILED, "cannot start: " + e.getMessage());
      } catch (InterruptedException e) {
        fail(FAILED, "interrupted");
      }
    }

    private static void serve(Settings settings)
        throws IOException, ExtProc.UnfitException, InterruptedException {
      ExtProc processor = new ExtProc(settings, Clock.systemUTC());
      Optional<InetSocketAddress> admin;
      try {
        admin = processor.start();
      } catch (IOException | ExtProc.UnfitException | RuntimeException e) {
        processor.close();
        throw e;
      }
      Thread drain = new Thread(() -> drain(processor), "drain");
      Runtime.getRuntime().addShutdownHook(drain);
      PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
      out.println(
          "ready "
              + settings.listening()
              + admin
                  .map(at -> " admin=" + at.getAddress().getHostAddress() + ":" + at.getPort())
                  .orElse(""));
      try {
        processor.awaitSelfTest();
      } catch (ExtProc.UnfitException e) {
        // Its exit status is 0.
        Runtime.getRuntime().removeShutdownHook(drain);
        processor.close();
        throw e;
      }
      new CountDownLatch(1).await();
    }

    /** A JVM that ends by a signal exits with 143 unless its hook says otherwise. */
    private static void drain(ExtProc processor) {
      int status = 0;
      try {
        processor.drain();
      } catch (IOException | InterruptedException | RuntimeException e) {
        System.err.println("cannot drain: " + e.getClass().getSimpleName());
        status = FAILED;
      }
      if (LoggerFactory.getILoggerFactory() instanceof LoggerContext context) {
        context.stop();
      }
      Runtime.getRuntime().halt(status);
    }

    private void fail(int code, String problem) {
      problem.lines().forEach(line -> System.err.println("zen-extproc: " + line));
      status = code;
    }

    @Override
    public int getExitCode() {
      return status;
    }
  }
}
