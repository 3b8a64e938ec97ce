package io.zenmesh.extproc.keys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zenmesh.extproc.keys.FetchObserver.Kind;
import io.zenmesh.extproc.policy.KeySources;
import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.xds.model.EndpointRef;
import java.net.URI;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.LongSupplier;

/**
 * Every key that is fetched, endpoint by endpoint, and the confirmation of subscriptions.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Nothing is connected to that is not a public address at that moment; see {@link HttpsFetcher}.
 * One endpoint's messages can neither fill another's memory nor have one place fetched more often
 * than every ten seconds. Thread-safe; no method blocks.
 */
public final class RemoteKeys implements KeySources, AutoCloseable {
  private final Fetches fetches;
  // Weak: an endpoint's verifier holds its source, and both go together.
  private final Cache<Place, EndpointSource> sources = Caffeine.newBuilder().weakValues().build();

  /**
   * @param pinned of the names: patterns do not compare
   */
  private record Place(
      EndpointRef endpoint, Optional<URI> keySet, String pinned, boolean leafAlone) {
    static Place of(EndpointRef endpoint, KeyPlaces places) {
      return new Place(
          endpoint, places.keySet(), places.certificateNames().toString(), places.leafAlone());
    }
  }

  /**
   * Nothing is fetched before it is asked for.
   *
   * @param reach what may be reached; {@link Reach#internet()} but in tests
   * @param clock for certificates
   * @param nanoTime for the age of what was fetched
   */
  public RemoteKeys(
      Reach reach, FetchObserver observer, InstantSource clock, LongSupplier nanoTime) {
    this(reach, HttpsFetcher.DEADLINE, observer, clock, nanoTime);
  }

  RemoteKeys(
      Reach reach,
      Duration deadline,
      FetchObserver observer,
      InstantSource clock,
      LongSupplier nanoTime) {
    this.fetches = new Fetches(reach, deadline, observer, clock, nanoTime);
  }

  @Override
  public KeySource of(EndpointRef endpoint, KeyPlaces places) {
    return places.isAny()
        ? sources.get(
            Place.of(endpoint, places), place -> new EndpointSource(endpoint, places, fetches))
        : KeySource.NONE;
  }

  /**
   * Confirms a subscription by opening its URL, once.
   *
   * @param url found in a verified message, its host pinned by the scheme
   * @return whether it answered 200; false also when there was no room to ask
   */
  public CompletionStage<Boolean> confirm(EndpointRef endpoint, URI url) {
    CompletableFuture<Boolean> confirmed = new CompletableFuture<>();
    boolean begun =
        fetches.begin(
            endpoint.tenant(),
            Kind.CONFIRMATION,
            url,
            body -> confirmed.complete(true),
            () -> confirmed.complete(false));
    if (!begun) {
      confirmed.complete(false);
    }
    return confirmed;
  }

  /** Ends; fetches under way are cut. */
  @Override
  public void close() {
    fetches.close();
  }
}
