package io.zenmesh.e2e.check;

import io.zenmesh.e2e.check.Expected.Seen;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Sends every scenario to every ingress node in every HTTP version, and compares the answers and
 * what arrived at the target with what must be. Not thread-safe.
 */
public final class CheckSuite implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(20);
  private static final Duration ARRIVAL = Duration.ofSeconds(2);

  private static final Duration WARM_UP = Duration.ofSeconds(30);

  private final Rig rig;
  private final Composer composer;
  private final Map<Protocol, WireClient> clients = new EnumMap<>(Protocol.class);

  /**
   * One thing to do.
   *
   * @param scenario what
   * @param ingress where first
   * @param protocol how
   */
  public record Cell(Scenario scenario, Rig.Ingress ingress, Protocol protocol) {
    @Override
    public String toString() {
      return scenario + " [" + ingress.node() + " " + protocol.label() + "]";
    }
  }

  private record Done(Cell cell, String checkId, CheckRow row) {}

  public CheckSuite(Rig rig) {
    this.rig = rig;
    this.composer = new Composer(rig);
    clients.put(Protocol.HTTP_1, new RawHttp1(rig.tls(), PATIENCE));
    clients.put(Protocol.HTTP_2, new RawHttp2(rig.tls(), PATIENCE));
  }

  /** Every cell, scenario by scenario. */
  public List<Cell> cells() {
    List<Cell> cells = new ArrayList<>();
    for (Scenario scenario : Scenarios.all()) {
      for (Rig.Ingress ingress : rig.ingresses()) {
        for (Protocol protocol : Protocol.values()) {
          if (scenario.protocols().contains(protocol)) {
            cells.add(new Cell(scenario, ingress, protocol));
          }
        }
      }
    }
    return cells;
  }

  /**
   * Sends correct messages by every way until each has passed, for at most half a minute: the first
   * ones through a cold process on a busy machine may be refused for its store's deadline. What
   * does not pass here shows in the rows.
   */
  public void warmUp() throws InterruptedException {
    long deadline = System.nanoTime() + WARM_UP.toNanos();
    for (Cell cell : cells()) {
      if (!cell.scenario().name().startsWith("correct, ")) {
        continue;
      }
      boolean passed = false;
      while (!passed && System.nanoTime() < deadline) {
        passed = perform(cell).row().ok();
      }
    }
  }

  /**
   * Runs every cell, then looks at the target once more: what arrived late condemns its row.
   *
   * @param each told every row when it is done
   */
  public List<CheckRow> runAll(Consumer<CheckRow> each) throws InterruptedException {
    List<Done> all = new ArrayList<>();
    for (Cell cell : cells()) {
      Done done = perform(cell);
      all.add(done);
      each.accept(done.row());
    }
    return all.stream().map(this::lookAgain).toList();
  }

  /** Runs one cell. */
  public CheckRow run(Cell cell) throws InterruptedException {
    return perform(cell).row();
  }

  private Done perform(Cell cell) throws InterruptedException {
    String checkId = newCheckId();
    Scenario scenario = cell.scenario();
    WireRequest request = composer.compose(scenario.draft(), cell.ingress(), checkId);
    List<Outcome> outcomes = send(cell, request);
    List<Seen> seen = outcomes.stream().map(Seen::of).toList();
    List<ReceivedRequest> arrived =
        rig.arrivals()
            .await(hasId(checkId), Math.max(1, scenario.expected().arrivals()), arrival(scenario));
    List<String> complaints =
        ArrivalRules.complaints(scenario, rig.source(scenario.draft().to()), request, arrived);
    CheckRow row =
        new CheckRow(
            scenario.name(),
            cell.ingress().node(),
            cell.protocol(),
            scenario.expected().toString(),
            Expected.counted(seen.stream().map(Seen::toString).sorted().toList()),
            reason(seen),
            outcomes.stream().map(Outcome::latency).reduce(Duration.ZERO, CheckSuite::longer),
            complaints,
            complaints.isEmpty() && scenario.expected().admits(seen));
    return new Done(cell, checkId, row);
  }

  private static Duration arrival(Scenario scenario) {
    return scenario.expected().arrivals() == 0 ? Duration.ZERO : ARRIVAL;
  }

  private CheckRow lookAgain(Done done) {
    int wanted = done.cell().scenario().expected().arrivals();
    int now = rig.arrivals().matching(hasId(done.checkId())).size();
    boolean late = done.row().ok() && now != wanted;
    return late
        ? done.row().but("in the end at the target " + now + " times (expected: " + wanted + ")")
        : done.row();
  }

  private List<Outcome> send(Cell cell, WireRequest request) throws InterruptedException {
    Rig.Ingress here = cell.ingress();
    Rig.Ingress there = rig.after(here);
    return switch (cell.scenario().repeat()) {
      case ONCE -> List.of(send(cell, here, request));
      case TWICE -> List.of(send(cell, here, request), send(cell, here, request));
      case OTHER_NODE -> List.of(send(cell, here, request), send(cell, there, request));
      case AT_ONCE -> atOnce(cell, request, List.of(here, here, here, here));
      case AT_ONCE_EVERYWHERE -> atOnce(cell, request, List.of(here, there, here, there));
    };
  }

  private Outcome send(Cell cell, Rig.Ingress ingress, WireRequest request) {
    String host = rig.source(cell.scenario().draft().to()).host();
    return Objects.requireNonNull(clients.get(cell.protocol())).send(ingress.port(), host, request);
  }

  private List<Outcome> atOnce(Cell cell, WireRequest request, List<Rig.Ingress> ingresses)
      throws InterruptedException {
    CyclicBarrier together = new CyclicBarrier(ingresses.size());
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Outcome>> tasks = new ArrayList<>();
      for (Rig.Ingress ingress : ingresses) {
        tasks.add(() -> {
          int unused = together.await();
          return send(cell, ingress, request);
        });
      }
      List<Outcome> outcomes = new ArrayList<>();
      for (Future<Outcome> task : threads.invokeAll(tasks)) {
        outcomes.add(task.get());
      }
      return outcomes;
    } catch (ExecutionException e) {
      throw new IllegalStateException(cell + ": a client failed", e);
    }
  }

  private static Predicate<ReceivedRequest> hasId(String checkId) {
    return request -> request.header(Composer.CHECK_ID).contains(checkId);
  }

  private static String reason(List<Seen> seen) {
    return seen.stream()
        .flatMap(one -> one.code().stream())
        .reduce((first, second) -> second)
        .orElse("-");
  }

  private static Duration longer(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? b : a;
  }

  /** 32 hex digits, fit for a nonce. */
  public static String newCheckId() {
    byte[] bytes = new byte[16];
    ThreadLocalRandom.current().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }

  @Override
  public void close() {
    clients.values().forEach(WireClient::close);
  }
}
