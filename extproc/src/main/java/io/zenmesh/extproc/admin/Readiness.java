package io.zenmesh.extproc.admin;

import io.zenmesh.extproc.replay.StoreHealth;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * Whether the processor can accept messages now, condition by condition. Thread-safe.
 *
 * <p>Not ready does not mean unsafe: what cannot be verified is refused anyway.
 */
public final class Readiness {
  private final BooleanSupplier policyLoaded;
  private final Supplier<StoreHealth> store;
  private final InstantSource clock;
  private volatile Optional<String> selfTestProblem = Optional.of("still running");
  private volatile boolean draining;
  private volatile Optional<Supplier<String>> configuration = Optional.empty();
  private volatile Optional<Supplier<Optional<String>>> door = Optional.empty();
  private volatile Optional<Supplier<String>> receipts = Optional.empty();

  /**
   * One thing that must hold.
   *
   * @param detail what was found, when it does not
   */
  public record Condition(String name, boolean ok, String detail) {}

  /**
   * @param policyLoaded whether a complete policy set was accepted
   * @param store how the replay store is
   */
  public Readiness(BooleanSupplier policyLoaded, Supplier<StoreHealth> store, InstantSource clock) {
    this.policyLoaded = policyLoaded;
    this.store = store;
    this.clock = clock;
  }

  /** The self-test ended; empty when it passed. */
  public void selfTested(Optional<String> problem) {
    selfTestProblem = problem;
  }

  /**
   * Shows what became of the configuration file. A file that was refused does not make the process
   * unready: the one before is in force.
   */
  public void configuration(Supplier<String> state) {
    configuration = Optional.of(state);
  }

  /**
   * Shows how full the receipts' spool is. A full one does not make the process unready: what then
   * happens is for each endpoint to say.
   */
  public void receipts(Supplier<String> state) {
    receipts = Optional.of(state);
  }

  /** Watches the way in; empty while Envoy can come in. */
  public void door(Supplier<Optional<String>> problem) {
    door = Optional.of(problem);
  }

  /** The process is ending: never ready again. */
  public void drain() {
    draining = true;
  }

  /** Whether all conditions hold. */
  public boolean ready() {
    return conditions().stream().allMatch(Condition::ok);
  }

  /** Each condition, in a fixed order. */
  public List<Condition> conditions() {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(
        condition(
            "policyLoaded",
            policyLoaded.getAsBoolean() ? Optional.empty() : Optional.of("no policy set yet")));
    configuration.ifPresent(
        state -> conditions.add(new Condition("configuration", true, state.get())));
    StoreHealth health = store.get();
    conditions.add(condition("replayStore", storeProblem(health)));
    conditions.add(condition("replayMemory", memoryProblem(health)));
    receipts.ifPresent(state -> conditions.add(new Condition("receipts", true, state.get())));
    door.ifPresent(problem -> conditions.add(condition("listening", problem.get())));
    conditions.add(condition("selfTest", selfTestProblem));
    conditions.add(
        condition("serving", draining ? Optional.of("shutting down") : Optional.empty()));
    return conditions;
  }

  private static Optional<String> storeProblem(StoreHealth health) {
    return switch (health) {
      case StoreHealth.Fit fit -> Optional.empty();
      case StoreHealth.Unfit(String problem) -> Optional.of(problem);
      case StoreHealth.Away away -> Optional.of("does not answer");
    };
  }

  private Optional<String> memoryProblem(StoreHealth health) {
    if (!(health instanceof StoreHealth.Fit(var memory))) {
      return Optional.of("unknown");
    }
    Instant end = memory.quarantineEnd();
    // Signed times are whole seconds.
    return clock.instant().truncatedTo(ChronoUnit.SECONDS).isAfter(end)
        ? Optional.empty()
        : Optional.of("lost, messages signed until " + end + " are refused");
  }

  private static Condition condition(String name, Optional<String> problem) {
    return new Condition(name, problem.isEmpty(), problem.orElse("ok"));
  }
}
