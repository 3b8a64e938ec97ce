package io.zenmesh.extproc.standalone;

import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.xds.client.PolicyListener;
import io.zenmesh.xds.document.Problem;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.standalone.StandaloneConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the policies in force equal to a file and the secrets it refers to.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A change is taken up whole or not at all: of a file with one problem, or one secret that does
 * not suit its scheme, nothing is used, and what was in force before stays. What a change of only
 * takes effect at a start (where to listen, the replay store, the admin server) is refused, so that
 * a replay guard with its memory outlives every reload.
 *
 * <p>Looks each second, at content and not at times, for a mounted directory is swapped by a link.
 * A change is judged when two looks saw the same: a file that is being written is not half a file.
 */
public final class ConfigWatch implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ConfigWatch.class);
  private static final Duration PERIOD = Duration.ofSeconds(1);
  private static final int PROBLEMS_SHOWN = 3;
  private static final String REFUSED = "the changed file is refused, the one before is in force: ";

  private final Path file;
  private final Catalogue catalogue;
  private final Set<String> schemes;
  private final SecretSource source;
  private final StandaloneConfig first;
  private final PolicyListener policies;
  private final ReloadObserver observer;
  private final ScheduledExecutorService thread =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("config-watch").factory());
  private Look judged;
  private Look seen;
  private volatile String state = "the file is in force";
  private volatile Optional<String> trouble = Optional.empty();

  private ConfigWatch(
      Start start, Catalogue catalogue, PolicyListener policies, ReloadObserver observer) {
    this.file = start.file;
    this.catalogue = catalogue;
    this.schemes = start.schemes;
    this.source = start.source;
    this.first = start.config;
    this.policies = policies;
    this.observer = observer;
    this.judged = start.look;
    this.seen = start.look;
  }

  /** A good file, read once; not watched yet. Holds secrets. */
  public static final class Start {
    private final Path file;
    private final Set<String> schemes;
    private final SecretSource source;
    private final Look look;
    private final StandaloneConfig config;
    private final Judgement.Fit fit;

    private Start(
        Path file, Set<String> schemes, SecretSource source, Look look, Judgement.Fit fit) {
      this.file = file;
      this.schemes = schemes;
      this.source = source;
      this.look = look;
      this.config = fit.config();
      this.fit = fit;
    }

    /** What the processor is made by. */
    public StandaloneConfig config() {
      return config;
    }

    /** What is weak about it, a line for each. */
    public List<String> warnings() {
      return lines(file, fit.warnings());
    }
  }

  /**
   * Reads the file and everything it refers to.
   *
   * @param environment looks a variable up
   * @throws UnusableConfigException with every problem
   */
  public static Start read(
      Path file, Catalogue catalogue, Function<String, Optional<String>> environment)
      throws UnusableConfigException {
    Set<String> schemes =
        catalogue.schemes().stream().map(Scheme::name).collect(Collectors.toUnmodifiableSet());
    SecretSource source = new SecretSource(environment);
    Look look = Look.at(file, source, schemes, Optional.empty());
    return switch (Judgement.of(look, catalogue)) {
      case Judgement.Fit fit -> new Start(file, schemes, source, look, fit);
      case Judgement.Unfit(List<Problem> problems) -> {
        look.close();
        throw new UnusableConfigException(lines(file, problems));
      }
    };
  }

  /**
   * The secret in a file, the caller's to close.
   *
   * @throws IllegalArgumentException naming the file and what was expected
   */
  public static SecretBytes password(Path file) {
    SecretSource.Reading reading = SecretSource.file(file, false);
    return reading
        .bytes()
        .orElseThrow(
            () -> new IllegalArgumentException("replay.redis.passwordFile: " + reading.problem()));
  }

  /**
   * Puts the file in force; {@link #start} begins to watch.
   *
   * @throws IllegalStateException when the listener refuses what was judged fit
   */
  public static ConfigWatch of(
      Start start, Catalogue catalogue, PolicyListener policies, ReloadObserver observer) {
    Optional<String> refusal = policies.apply(start.fit.policies());
    if (refusal.isPresent()) {
      throw new IllegalStateException(start.file + ": " + refusal.get());
    }
    observer.taken();
    start.warnings().forEach(log::warn);
    return new ConfigWatch(start, catalogue, policies, observer);
  }

  /** Begins to look, each second. */
  public void start() {
    var unused =
        thread.scheduleWithFixedDelay(
            this::lookSafely, PERIOD.toMillis(), PERIOD.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** What became of the last change, in a line for operators. */
  public String state() {
    return trouble.orElse(state);
  }

  /** A task that throws is never run again, and the next look may do better. */
  void lookSafely() {
    try {
      look();
      trouble = Optional.empty();
    } catch (RuntimeException | Error e) {
      failed(e);
    }
  }

  /** Counts and tells a failure once, not each second. */
  private void failed(Throwable failure) {
    try {
      String line = file + ": not read: " + reason(failure);
      String now = REFUSED + line;
      if (!trouble.equals(Optional.of(now))) {
        observer.refused();
        log.error("config refused, the one before stays in force: {}", line);
        trouble = Optional.of(now);
      }
    } catch (RuntimeException | Error again) {
      // Perhaps there is no memory left even for a line of text: the next look tells it.
    }
  }

  /** Never a failure's own text: it might hold what the file holds. */
  private static String reason(Throwable failure) {
    return failure instanceof OutOfMemoryError
        ? "not enough memory (expected: a larger heap, -Xmx)"
        : failure.getClass().getName();
  }

  /** One look; the second of two equal ones that differ from what was judged last decides. */
  synchronized void look() {
    Look now = Look.at(file, source, schemes, Optional.of(seen));
    boolean settled = now.sameAs(seen);
    boolean changed = !now.sameAs(judged);
    if (settled || !changed) {
      // Nothing new: of two equal looks, and of all their secrets, one is kept.
      now.close();
      now = changed ? seen : judged;
    }
    if (seen != judged && seen != now) {
      seen.close();
    }
    seen = now;
    if (settled && changed) {
      judge(now);
    }
  }

  private void judge(Look look) {
    // The look before is not closed when its keys are in force: requests may be using them.
    judged = look;
    try {
      switch (Judgement.of(look, catalogue)) {
        case Judgement.Fit fit -> take(fit);
        case Judgement.Unfit(List<Problem> problems) -> refuse(lines(file, problems));
      }
    } catch (RuntimeException | Error e) {
      refuse(List.of(file + ": not judged: " + reason(e)));
    }
  }

  private void take(Judgement.Fit fit) {
    List<String> restart = needsRestart(fit.config());
    if (!restart.isEmpty()) {
      refuse(restart);
      return;
    }
    Optional<String> refusal = policies.apply(fit.policies());
    if (refusal.isPresent()) {
      refuse(List.of(file + ": " + refusal.get()));
      return;
    }
    observer.taken();
    state = "the file is in force";
    lines(file, fit.warnings()).forEach(log::warn);
    log.info("config {}: in force, {} endpoints", file, fit.config().endpoints().size());
  }

  private List<String> needsRestart(StandaloneConfig now) {
    List<String> lines = new ArrayList<>();
    unchanged(lines, "listen", first.listen().equals(now.listen()));
    unchanged(lines, "replay", first.replay().equals(now.replay()));
    unchanged(lines, "admin", first.admin().equals(now.admin()));
    return lines;
  }

  private void unchanged(List<String> lines, String key, boolean same) {
    if (!same) {
      lines.add(file + ": " + key + ": changed, restart needed (expected: as at the start)");
    }
  }

  private void refuse(List<String> lines) {
    observer.refused();
    lines.forEach(line -> log.error("config refused, the one before stays in force: {}", line));
    String more =
        lines.size() > PROBLEMS_SHOWN ? "; and " + (lines.size() - PROBLEMS_SHOWN) + " more" : "";
    state = REFUSED + String.join("; ", lines.stream().limit(PROBLEMS_SHOWN).toList()) + more;
  }

  private static List<String> lines(Path file, List<Problem> problems) {
    return problems.stream().map(problem -> file + ":" + problem).toList();
  }

  @Override
  public void close() {
    thread.shutdownNow();
  }
}
