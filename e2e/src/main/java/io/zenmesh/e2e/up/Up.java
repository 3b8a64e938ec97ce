package io.zenmesh.e2e.up;

import io.zenmesh.e2e.check.CheckRow;
import io.zenmesh.e2e.check.CheckSuite;
import io.zenmesh.e2e.check.CheckTable;
import io.zenmesh.e2e.check.Rig;
import io.zenmesh.e2e.check.SampleTarget;
import io.zenmesh.e2e.harness.ChildProcess;
import io.zenmesh.e2e.harness.HarnessException;
import io.zenmesh.e2e.harness.Mesh;
import io.zenmesh.e2e.harness.MeshFiles;
import io.zenmesh.e2e.harness.Part;
import io.zenmesh.e2e.harness.Ports;
import io.zenmesh.e2e.harness.StateDirectory;
import io.zenmesh.e2e.harness.Supervisor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;

/** One run of {@code zen up}: start, check, show, stay. */
final class Up {
  /** As a shell says of what SIGINT has ended. */
  private static final int INTERRUPTED = 130;

  private final UpOptions options;
  private final Map<String, String> environment;
  private final Clock clock;
  private final Screen screen;

  Up(UpOptions options, Map<String, String> environment, Clock clock, Screen screen) {
    this.options = options;
    this.environment = environment;
    this.clock = clock;
    this.screen = screen;
  }

  /** Returns the exit status; every process has ended then. */
  int run() throws IOException, InterruptedException {
    StateDirectory state = StateDirectory.open(options.state());
    Supervisor supervisor =
        new Supervisor(state.run(), name -> screen.line("ended left-over " + name));
    Thread hook = new Thread(() -> end(supervisor, state), "zen-up-shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return unlessInterrupted(() -> run(state, supervisor), supervisor::isEnding, screen);
    } finally {
      end(supervisor, state);
    }
  }

  /** Something that may fail because its processes are being ended. */
  interface Attempt {
    int run() throws IOException, InterruptedException;
  }

  /** What fails while everything is ended was interrupted, and is no failure to report. */
  static int unlessInterrupted(Attempt attempt, BooleanSupplier ending, Screen screen)
      throws IOException, InterruptedException {
    try {
      return attempt.run();
    } catch (HarnessException | IOException | UncheckedIOException e) {
      if (!ending.getAsBoolean()) {
        throw e;
      }
      screen.line("interrupted");
      return INTERRUPTED;
    }
  }

  private int run(StateDirectory state, Supervisor supervisor)
      throws IOException, InterruptedException {
    Ports ports = options.portBase().map(Ports::from).orElseGet(() -> Ports.of(state));
    MeshFiles files = MeshFiles.prepare(state, ports, clock);
    Mesh.Options how = new Mesh.Options(environment, options.verbose() ? "info" : "warning", true);
    try (SampleTarget target = SampleTarget.start(files.target(), ports.of(Part.TARGET))) {
      Mesh mesh = Mesh.start(files, how, screen, supervisor);
      boolean asExpected = check(Rig.of(mesh, target, clock));
      new Doors(mesh, options, screen).show();
      if (!options.once()) {
        stay(mesh);
      }
      return asExpected ? 0 : 1;
    }
  }

  private boolean check(Rig rig) throws InterruptedException {
    try (CheckSuite suite = new CheckSuite(rig)) {
      int all = suite.cells().size();
      AtomicInteger done = new AtomicInteger();
      screen.step("warming up");
      suite.warmUp();
      screen.step("check: " + all + " requests to go");
      List<CheckRow> rows =
          suite.runAll(row -> {
            int now = done.incrementAndGet();
            if (screen.isMoving()) {
              screen.step("check " + now + " of " + all + ": " + row.scenario());
            }
          });
      screen.heading("Check");
      screen.table(options.verbose() ? CheckTable.render(rows) : CheckTable.renderBrief(rows));
      return rows.stream().allMatch(CheckRow::ok);
    }
  }

  /** Until a signal ends the JVM; meanwhile tells when a part has ended by itself. */
  private void stay(Mesh mesh) throws InterruptedException {
    for (ChildProcess child : mesh.running()) {
      var _ = child.onExit().thenAccept(ended -> tell(mesh, ended));
    }
    screen.line("");
    screen.line("Running. Ctrl-C stops everything.");
    new CountDownLatch(1).await();
  }

  private void tell(Mesh mesh, ChildProcess ended) {
    if (!mesh.supervisor().isEnding()) {
      String status = ended.exitStatus().map(Object::toString).orElse("unknown");
      screen.line(ended.name() + " has ended by itself, status " + status);
    }
  }

  private void end(Supervisor supervisor, StateDirectory state) {
    int parts = supervisor.running().size();
    if (parts > 0) {
      screen.step("stopping " + parts + " processes");
    }
    supervisor.close();
    state.close();
    if (parts > 0) {
      screen.line("stopped");
    }
  }
}
