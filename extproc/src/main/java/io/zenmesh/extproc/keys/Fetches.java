package io.zenmesh.extproc.keys;

import io.zenmesh.extproc.keys.FetchObserver.Kind;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes fetches in the background: at most {@value #AT_ONCE} at once, {@value #AT_ONCE_PER_TENANT}
 * of one tenant, each on a thread of its own. Nothing waits in line: who finds no room asks again
 * later. Thread-safe.
 */
final class Fetches implements AutoCloseable {
  static final int AT_ONCE = 16;
  static final int AT_ONCE_PER_TENANT = 4;
  private static final Logger log = LoggerFactory.getLogger(Fetches.class);

  private final Reach reach;
  private final Duration deadline;
  private final InstantSource clock;
  private final FetchObserver observer;
  private final LongSupplier nanoTime;
  private final Semaphore room = new Semaphore(AT_ONCE);
  private final Map<Name, Integer> byTenant = new ConcurrentHashMap<>();
  private final ExecutorService threads =
      // Not virtual: looking a name up would hold its carrier.
      Executors.newThreadPerTaskExecutor(
          Thread.ofPlatform().daemon().name("key-fetch-", 0).factory());

  private Optional<Tools> tools = Optional.empty();

  /** Made for the first fetch: most processors never make one. */
  private record Tools(HttpsFetcher fetcher, SigningCertificate certificates) {}

  /** Takes what was fetched. */
  @FunctionalInterface
  interface Taker {
    /**
     * @throws FetchException when it is not what it should be
     */
    void take(byte[] body) throws FetchException;
  }

  Fetches(
      Reach reach,
      Duration deadline,
      FetchObserver observer,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.reach = reach;
    this.deadline = deadline;
    this.clock = clock;
    this.observer = observer;
    this.nanoTime = nanoTime;
  }

  /** Begins a fetch; false, and nothing begun, when there is no room for it. */
  boolean begin(Name tenant, Kind kind, URI url, Taker taker) {
    return begin(tenant, kind, url, taker, () -> {});
  }

  /** The same, with what to do after a fetch that brought nothing. */
  boolean begin(Name tenant, Kind kind, URI url, Taker taker, Runnable otherwise) {
    if (!enter(tenant)) {
      observer.crowdedOut(kind);
      return false;
    }
    try {
      threads.execute(() -> run(tenant, kind, url, taker, otherwise));
      return true;
    } catch (RejectedExecutionException closed) {
      leave(tenant);
      return false;
    }
  }

  private boolean enter(Name tenant) {
    if (!room.tryAcquire()) {
      return false;
    }
    if (byTenant.merge(tenant, 1, Integer::sum) > AT_ONCE_PER_TENANT) {
      leave(tenant);
      return false;
    }
    return true;
  }

  private void leave(Name tenant) {
    byTenant.computeIfPresent(tenant, (name, count) -> count == 1 ? null : count - 1);
    room.release();
  }

  private void run(Name tenant, Kind kind, URI url, Taker taker, Runnable otherwise) {
    Optional<FetchProblem> problem = Optional.empty();
    try {
      taker.take(tools().fetcher().get(url));
    } catch (FetchException e) {
      problem = Optional.of(e.problem());
    } catch (RuntimeException | Error e) {
      log.error("fetch failed: {}", e.getClass().getName());
      problem = Optional.of(FetchProblem.MALFORMED);
    } finally {
      leave(tenant);
    }
    observer.fetched(kind, problem);
    if (problem.isEmpty()) {
      return;
    }
    otherwise.run();
    FetchProblem why = problem.get();
    log.atWarn()
        .addKeyValue("kind", kind)
        .addKeyValue("tenant", tenant)
        .addKeyValue("host", url.getHost())
        .addKeyValue("problem", why.code())
        .log("fetch failed");
  }

  private synchronized Tools tools() {
    Tools made =
        tools.orElseGet(() ->
            new Tools(
                new HttpsFetcher(reach, AT_ONCE, deadline),
                new SigningCertificate(reach.roots(), clock)));
    tools = Optional.of(made);
    return made;
  }

  SigningCertificate certificates() {
    return tools().certificates();
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  @Override
  public synchronized void close() {
    threads.shutdownNow();
    tools.ifPresent(made -> made.fetcher().close());
  }
}
