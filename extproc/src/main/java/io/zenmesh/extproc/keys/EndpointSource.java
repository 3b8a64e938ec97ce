package io.zenmesh.extproc.keys;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.zenmesh.extproc.keys.FetchObserver.Kind;
import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.KeyReference;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.RemoteKey;
import io.zenmesh.xds.model.EndpointRef;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * The fetched keys of one endpoint. Answers from memory; what is missing or old is fetched behind
 * the answer. Thread-safe, never blocks.
 *
 * <p>Only what was fetched and checked takes room: at most {@value #MOST_DOCUMENTS} documents, of
 * which the least used goes first. A failed fetch leaves what is known as it was, until it is too
 * old to count.
 */
final class EndpointSource implements KeySource {
  static final int MOST_DOCUMENTS = 16;

  /** How long a key set counts, and the age from which a use has it fetched again. */
  static final Age KEY_SET = new Age(Duration.ofHours(1), Duration.ofMinutes(5));

  /** The same for a certificate, whose own end counts as well. */
  static final Age CERTIFICATE = new Age(Duration.ofHours(24), Duration.ofHours(12));

  /** The one key of a document that has no ids. */
  private static final String ONLY = "";

  private final EndpointRef endpoint;
  private final KeyPlaces places;
  private final Fetches fetches;
  private final Attempts attempts = new Attempts();
  private final Cache<URI, Document> documents =
      Caffeine.newBuilder().maximumSize(MOST_DOCUMENTS).executor(Runnable::run).build();

  /**
   * How a document ages.
   *
   * @param most after which it is forgotten
   * @param refresh after which it is fetched again when used
   */
  record Age(Duration most, Duration refresh) {}

  private record Document(Map<String, RemoteKey> keys, long fetchedAt) {
    boolean isOlder(Duration age, long nanos) {
      return nanos - fetchedAt >= age.toNanos();
    }
  }

  EndpointSource(EndpointRef endpoint, KeyPlaces places, Fetches fetches) {
    this.endpoint = endpoint;
    this.places = places;
    this.fetches = fetches;
  }

  @Override
  public Optional<RemoteKey> find(KeyReference reference) {
    return switch (reference) {
      case KeyReference.KeyId(String id) ->
          places.keySet().flatMap(url -> find(url, id, Kind.KEY_SET, KEY_SET));
      case KeyReference.Certificate(URI url) ->
          places.certificateNames().isEmpty()
              ? Optional.empty()
              : find(url, ONLY, Kind.CERTIFICATE, CERTIFICATE);
    };
  }

  private Optional<RemoteKey> find(URI url, String id, Kind kind, Age age) {
    long nanos = fetches.nanoTime();
    Optional<Document> known =
        Optional.ofNullable(documents.getIfPresent(url))
            .filter(document -> !document.isOlder(age.most(), nanos));
    Optional<RemoteKey> key = known.map(document -> document.keys().get(id));
    if (key.isEmpty() || known.get().isOlder(age.refresh(), nanos)) {
      fetch(url, kind, known.isEmpty(), nanos);
    }
    return key;
  }

  private void fetch(URI url, Kind kind, boolean isNew, long nanos) {
    if (!attempts.begin(url, isNew, nanos)) {
      return;
    }
    boolean begun =
        fetches.begin(
            endpoint.tenant(),
            kind,
            url,
            body -> documents.put(url, new Document(keys(kind, body), nanos)));
    if (!begun) {
      attempts.forget(url);
    }
  }

  private Map<String, RemoteKey> keys(Kind kind, byte[] body) throws FetchException {
    return switch (kind) {
      case KEY_SET -> KeySetDocument.read(body);
      case CERTIFICATE -> Map.of(ONLY, fetches.certificates().check(body, places));
      case CONFIRMATION -> Map.of();
    };
  }
}
