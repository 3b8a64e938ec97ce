package io.zenmesh.extproc.admin;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Timer;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.zenmesh.extproc.keys.FetchObserver;
import io.zenmesh.extproc.keys.FetchProblem;
import io.zenmesh.extproc.policy.PreparedEndpoint;
import io.zenmesh.extproc.policy.PreparedPolicies;
import io.zenmesh.extproc.receipts.ReceiptObserver;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.extproc.server.TrafficObserver;
import io.zenmesh.extproc.signature.Reason;
import io.zenmesh.extproc.standalone.ReloadObserver;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Counts what happens, for Prometheus. Labels are closed sets (reasons, schemes of the catalogue),
 * so that no sender can make a new time series. Thread-safe; counting does not lock.
 */
public final class ProcessorMetrics
    implements TrafficObserver, ReplayObserver, FetchObserver, ReloadObserver, ReceiptObserver {
  private static final String REQUESTS = "zen_requests";
  private static final String NONE = "none";

  private final PrometheusMeterRegistry registry =
      new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
  private final ConcurrentHashMap<String, Counter> letOn = new ConcurrentHashMap<>();
  private final ConcurrentHashMap<Refusal, Counter> refused = new ConcurrentHashMap<>();
  private final Counter lost;
  private final Counter acceptedAfterLoss;
  private final Counter unanswered;
  private final Counter aborted;
  private final Counter outcomeUnknown;
  private final Timer answered;
  private final Counter receiptsSpooled;
  private final Counter receiptsRecorded;
  private final Counter receiptsDropped;
  private final Counter receiptBytesUnreadable;
  private volatile long receiptBytes;
  private volatile boolean receiptsFull;

  private record Refusal(Reason reason, String scheme) {}

  /**
   * @param policies the set in force, for its gauges
   */
  public ProcessorMetrics(Supplier<Optional<PreparedPolicies>> policies) {
    lost = counter("zen_replay_store_lost", "Losses of the replay store's memory");
    acceptedAfterLoss =
        counter(
            "zen_replay_accepted_after_loss",
            "Messages let on although the replay store may have forgotten them");
    unanswered = counter("zen_replay_unanswered", "Questions the replay store left unanswered");
    aborted = counter("zen_streams_aborted", "Streams of Envoy ended with an error");
    outcomeUnknown =
        counter("zen_replay_outcome_unknown", "Claims whose stream ended without a response");
    receiptsSpooled = receipts("spooled");
    receiptsRecorded = receipts("recorded");
    receiptsDropped = receipts("dropped");
    receiptBytesUnreadable =
        counter("zen_receipts_unreadable_bytes", "Bytes of the spool that were torn or damaged");
    Gauge.builder("zen_receipts_waiting_bytes", () -> receiptBytes)
        .description("Bytes of receipts on disk that are not on record yet")
        .register(registry);
    Gauge.builder("zen_receipts_full", () -> receiptsFull ? 1 : 0)
        .description("1 while there is no room for receipts")
        .register(registry);
    answered =
        Timer.builder("zen_replay_answer")
            .description("Time the replay store took to answer")
            .serviceLevelObjectives(
                Duration.ofNanos(500_000),
                Duration.ofMillis(1),
                Duration.ofMillis(5),
                Duration.ofMillis(25),
                Duration.ofMillis(100),
                Duration.ofMillis(250))
            .register(registry);
    Gauge.builder(
            "zen_policy_generation",
            () -> policies.get().map(PreparedPolicies::generation).orElse(0L))
        .description("Policy sets accepted since the start; 0 before the first")
        .register(registry);
    Gauge.builder(
            "zen_policy_endpoints", () -> policies.get().map(p -> p.byRouteName().size()).orElse(0))
        .description("Endpoints in the policy set in force")
        .register(registry);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(registry);
  }

  private Counter receipts(String outcome) {
    return Counter.builder("zen_receipts")
        .description("Receipts of verdicts by what became of them")
        .tag("outcome", outcome)
        .register(registry);
  }

  private Counter requests(String outcome, String reason, String scheme) {
    return Counter.builder(REQUESTS)
        .description("Requests by outcome")
        .tag("outcome", outcome)
        .tag("reason", reason)
        .tag("scheme", scheme)
        .register(registry);
  }

  /** The text that Prometheus reads. */
  public String scrape() {
    return registry.scrape();
  }

  @Override
  public void letOn(PreparedEndpoint endpoint) {
    Counter known = letOn.get(endpoint.scheme());
    (known != null
            ? known
            : letOn.computeIfAbsent(
                endpoint.scheme(), scheme -> requests("accepted", NONE, scheme)))
        .increment();
  }

  @Override
  public void refused(Reason reason, Optional<PreparedEndpoint> endpoint) {
    String scheme = endpoint.map(PreparedEndpoint::scheme).orElse(NONE);
    refused
        .computeIfAbsent(
            new Refusal(reason, scheme),
            refusal -> requests("refused", refusal.reason().code(), refusal.scheme()))
        .increment();
  }

  @Override
  public void letOnInDryRun(PreparedEndpoint endpoint, Optional<Reason> reason) {
    requests("dry_run", reason.map(Reason::code).orElse(NONE), endpoint.scheme()).increment();
  }

  @Override
  public void challengeAnswered(PreparedEndpoint endpoint) {
    requests("challenge", NONE, endpoint.scheme()).increment();
  }

  @Override
  public void subscriptionAsked(PreparedEndpoint endpoint, boolean byItself) {
    Counter.builder("zen_subscriptions_asked")
        .description("Subscriptions that a provider asked to have confirmed")
        .tag("asked", byItself ? "client" : "operator")
        .register(registry)
        .increment();
  }

  @Override
  public void acknowledged(PreparedEndpoint endpoint) {
    requests("acknowledged", NONE, endpoint.scheme()).increment();
  }

  @Override
  public void settled(boolean committed, boolean confirmed) {
    Counter.builder("zen_replay_settled")
        .description("Outcomes written to the replay store")
        .tag("outcome", committed ? "committed" : "released")
        .tag("confirmed", Boolean.toString(confirmed))
        .register(registry)
        .increment();
  }

  @Override
  public void outcomeUnknown(PreparedEndpoint endpoint) {
    outcomeUnknown.increment();
  }

  @Override
  public void aborted() {
    aborted.increment();
  }

  @Override
  public void taken() {
    reloads("taken");
  }

  @Override
  public void refused() {
    reloads("refused");
  }

  private void reloads(String outcome) {
    Counter.builder("zen_config_loads")
        .description("Configuration files by outcome, the first one included")
        .tag("outcome", outcome)
        .register(registry)
        .increment();
  }

  @Override
  public void lost(Instant detectedAt) {
    lost.increment();
  }

  @Override
  public void acceptedAfterLoss() {
    acceptedAfterLoss.increment();
  }

  @Override
  public void answered(long nanos) {
    answered.record(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public void unanswered() {
    unanswered.increment();
  }

  @Override
  public void fetched(Kind kind, Optional<FetchProblem> problem) {
    fetches(kind, problem.map(FetchProblem::code).orElse("fetched"));
  }

  @Override
  public void crowdedOut(Kind kind) {
    fetches(kind, "crowded_out");
  }

  private void fetches(Kind kind, String outcome) {
    Counter.builder("zen_key_fetches")
        .description("Fetches of keys, certificates and confirmation pages, by what became of them")
        .tag("kind", kind.name().toLowerCase(Locale.ROOT))
        .tag("outcome", outcome)
        .register(registry)
        .increment();
  }

  @Override
  public void spooled(int count) {
    receiptsSpooled.increment(count);
  }

  @Override
  public void recorded(int count) {
    receiptsRecorded.increment(count);
  }

  @Override
  public void dropped(int count) {
    receiptsDropped.increment(count);
  }

  @Override
  public void unreadable(long bytes) {
    receiptBytesUnreadable.increment(bytes);
  }

  @Override
  public void filled(long bytes, boolean full) {
    receiptBytes = bytes;
    receiptsFull = full;
  }
}
