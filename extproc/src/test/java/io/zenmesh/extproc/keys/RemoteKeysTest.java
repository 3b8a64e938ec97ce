package io.zenmesh.extproc.keys;

import static io.zenmesh.extproc.fixture.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import io.zenmesh.extproc.fixture.HandClock;
import io.zenmesh.extproc.fixture.KeyServer;
import io.zenmesh.extproc.signature.KeyPlaces;
import io.zenmesh.extproc.signature.KeyReference;
import io.zenmesh.extproc.signature.KeySource;
import io.zenmesh.extproc.signature.RemoteKey;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Against a real TLS server on 127.0.0.1, which every name leads to. */
class RemoteKeysTest extends KeySourceContract {
  private static final String HOST = "keys.sender.example";
  private static final URI KEY_SET = URI.create("https://" + HOST + "/jwks.json");
  private static final String SNS = "sns.eu-west-1.amazonaws.com";
  private static final KeyPlaces PLACES =
      new KeyPlaces(
          Optional.of(KEY_SET),
          List.of(Pattern.compile("sns\\.[a-z0-9-]+\\.amazonaws\\.com")),
          false);
  private static final EndpointRef ENDPOINT = EndpointRef.parse("acme/orders");
  private static final Duration DEADLINE = Duration.ofMillis(1_500);
  private static final KeyReference KEY_1 = new KeyReference.KeyId("key-1");

  @TempDir private static Path directory;

  @SuppressWarnings("NullAway.Init")
  private static DevPki pki;

  @SuppressWarnings("NullAway.Init")
  private static IdentityFiles good;

  private final HandClock clock = new HandClock(Clock.systemUTC().instant());
  private final FetchRecorder fetches = new FetchRecorder();
  private final List<AutoCloseable> open = new ArrayList<>();

  @SuppressWarnings("NullAway.Init")
  private KeyServer server;

  @BeforeAll
  static void issue() {
    pki = DevPki.openOrCreate(directory.resolve("pki"), "zen.local", Clock.systemUTC());
    good = pki.issue(directory.resolve("good"), Leaf.server("keys", HOST, SNS));
  }

  @BeforeEach
  void start() {
    server = serving(good);
  }

  @AfterEach
  void close() throws Exception {
    for (AutoCloseable closeable : open.reversed()) {
      closeable.close();
    }
  }

  private KeyServer serving(IdentityFiles identity) {
    KeyServer started = new KeyServer(identity);
    open.add(started);
    return started;
  }

  private RemoteKeys keys(Reach reach) {
    RemoteKeys keys = new RemoteKeys(reach, DEADLINE, fetches, clock, clock::nanoTime);
    open.add(keys);
    return keys;
  }

  private Optional<KeySource> made = Optional.empty();

  @Override
  KeySource source() {
    if (made.isEmpty()) {
      made = Optional.of(keys(server.reach(pki)).of(ENDPOINT, PLACES));
    }
    return made.get();
  }

  private static ECKey key(String id) {
    try {
      return new ECKeyGenerator(com.nimbusds.jose.jwk.Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String set(ECKey... keys) {
    return new JWKSet(List.of(keys)).toString();
  }

  private static PublicKey publicKey(ECKey key) {
    try {
      return key.toPublicKey();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  PublicKey publishKey(String id) {
    ECKey key = key(id);
    server.serves(set(key));
    return publicKey(key);
  }

  @Override
  PublicKey publishCertificate(URI url) {
    try {
      IdentityFiles signing = pki.issue(directory.resolve("signing"), Leaf.server("sns", SNS));
      String pem = Files.readString(signing.certificateChain());
      server.serves(pem);
      return KeyServer.certificate(pem).getPublicKey();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Optional<FetchProblem> firstOutcome() {
    assertThat(source().find(KEY_1)).isEmpty();
    Optional<FetchProblem> outcome = fetches.outcome(1);
    assertThat(source().find(KEY_1).isPresent()).isEqualTo(outcome.isEmpty());
    return outcome;
  }

  private RemoteKey found(KeySource source, KeyReference reference) {
    return eventually("key", () -> source.find(reference), Optional::isPresent).orElseThrow();
  }

  @Test
  void fetch_asksByTheNameThatWasGiven() {
    PublicKey unused = publishKey("key-1");
    assertThat(firstOutcome()).isEmpty();
    assertThat(server.asked()).containsExactly(HOST + " " + HOST + "/jwks.json");
  }

  @Test
  void fetch_slowServer_endsAtTheDeadline() {
    CountDownLatch over = new CountDownLatch(1);
    open.add(over::countDown);
    server.answers(exchange -> {
      // A byte now and then: no read is ever late, only the whole is.
      exchange.sendResponseHeaders(200, 0);
      OutputStream out = exchange.getResponseBody();
      while (!awaited(over, 50)) {
        out.write(' ');
        out.flush();
      }
    });
    long begin = System.nanoTime();
    assertThat(firstOutcome()).contains(FetchProblem.TIMEOUT);
    assertThat(Duration.ofNanos(System.nanoTime() - begin)).isLessThan(DEADLINE.multipliedBy(4));
  }

  private static boolean awaited(CountDownLatch latch, long millis) {
    try {
      return latch.await(millis, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      return true;
    }
  }

  @Test
  void fetch_largeAnswer_isRefused_whetherAnnouncedOrNot() {
    String large = " ".repeat(HttpsFetcher.MOST_BYTES + 1);
    server.serves(large);
    assertThat(firstOutcome()).contains(FetchProblem.TOO_LARGE);
    server.answers(exchange -> {
      exchange.sendResponseHeaders(200, 0);
      exchange.getResponseBody().write(large.getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    });
    clock.advance(Attempts.PAUSE);
    assertThat(source().find(KEY_1)).isEmpty();
    assertThat(fetches.outcome(2)).contains(FetchProblem.TOO_LARGE);
  }

  @Test
  void fetch_redirect_isNotFollowed() {
    server.answers(exchange -> {
      exchange.getResponseHeaders().set("Location", "https://" + HOST + "/other.json");
      KeyServer.respond(exchange, 302, "");
    });
    assertThat(firstOutcome()).contains(FetchProblem.STATUS);
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void fetch_serverError_bringsNothing() {
    server.answers(exchange -> KeyServer.respond(exchange, 500, set(key("key-1"))));
    assertThat(firstOutcome()).contains(FetchProblem.STATUS);
  }

  @Test
  void fetch_serverOfAnotherName_isNotAsked() {
    server = serving(pki.issue(directory.resolve("other"), Leaf.server("other", "other.example")));
    assertThat(firstOutcome()).contains(FetchProblem.TLS);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void fetch_expiredServerCertificate_isNotAsked() {
    server =
        serving(
            pki.issue(
                directory.resolve("expired"),
                Leaf.server("keys", HOST).lasting(Duration.ofDays(-1))));
    assertThat(firstOutcome()).contains(FetchProblem.TLS);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void fetch_unknownAuthority_isNotAsked() {
    DevPki foreign =
        DevPki.openOrCreate(directory.resolve("foreign"), "zen.local", Clock.systemUTC());
    server = serving(foreign.issue(directory.resolve("foreign-leaf"), Leaf.server("keys", HOST)));
    assertThat(firstOutcome()).contains(FetchProblem.TLS);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void G01_privateAddress_isNeverConnectedTo() {
    made =
        Optional.of(
            keys(Reach.publicOnly(server.names(), KeyServer.roots(pki))).of(ENDPOINT, PLACES));
    assertThat(firstOutcome()).contains(FetchProblem.ADDRESS_DENIED);
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void G01_onePrivateAddressOfSeveral_deniesTheName() {
    Reach.Names mixed =
        (host, port) ->
            List.of(
                new InetSocketAddress("127.0.0.1", 1),
                new InetSocketAddress("169.254.169.254", 80));
    made =
        Optional.of(
            keys(new Reach(mixed, InetAddress::isLoopbackAddress, KeyServer.roots(pki)))
                .of(ENDPOINT, PLACES));
    assertThat(firstOutcome()).contains(FetchProblem.ADDRESS_DENIED);
  }

  @Test
  void G01_nameThatLeadsElsewhereTheNextTime_isResolvedOncePerFetch() {
    AtomicInteger lookUps = new AtomicInteger();
    Reach.Names rebinding =
        (host, port) ->
            lookUps.incrementAndGet() == 1
                ? server.names().resolve(host, port)
                : List.of(new InetSocketAddress("169.254.169.254", port));
    PublicKey key = publishKey("key-1");
    made =
        Optional.of(
            keys(new Reach(rebinding, InetAddress::isLoopbackAddress, KeyServer.roots(pki)))
                .of(ENDPOINT, PLACES));
    assertThat(firstOutcome()).isEmpty();
    assertThat(lookUps).hasValue(1);
    clock.advance(EndpointSource.KEY_SET.refresh());
    assertThat(source().find(KEY_1).orElseThrow().key()).isEqualTo(key);
    assertThat(fetches.outcome(2)).contains(FetchProblem.ADDRESS_DENIED);
    assertThat(server.asked()).hasSize(1);
  }

  @Test
  void G01_literalAddressesAndOddPlaces_areNeverLookedUp() throws Exception {
    try (HttpsFetcher fetcher = new HttpsFetcher(server.reach(pki), 1, DEADLINE)) {
      for (String url :
          List.of(
              "https://127.0.0.1/k",
              "https://2130706433/k",
              "https://0x7f000001/k",
              "https://[::1]/k",
              "https://[::ffff:127.0.0.1]/k",
              "https://localhost/k",
              "https://user@" + HOST + "/k",
              "https://" + HOST + ":8443/k",
              "http://" + HOST + "/k",
              "file:///etc/passwd")) {
        FetchException refused =
            org.junit.jupiter.api.Assertions.assertThrows(
                FetchException.class, () -> fetcher.get(URI.create(url)), url);
        assertThat(refused.problem()).as(url).isEqualTo(FetchProblem.ADDRESS_DENIED);
      }
    }
    assertThat(server.asked()).isEmpty();
  }

  @Test
  void find_whileNothingIsKnown_fetchesOnceIn10Seconds() throws Exception {
    CountDownLatch allAsked = new CountDownLatch(1);
    server.answers(exchange -> {
      awaited(allAsked, 5_000);
      KeyServer.respond(exchange, 503, "");
    });
    KeySource source = source();
    try (ExecutorService senders = Executors.newFixedThreadPool(16)) {
      List<Future<Optional<RemoteKey>>> asked = new ArrayList<>();
      for (int i = 0; i < 400; i++) {
        KeyReference reference = new KeyReference.KeyId("key-" + i % 40);
        asked.add(senders.submit(() -> source.find(reference)));
      }
      for (Future<Optional<RemoteKey>> one : asked) {
        assertThat(one.get()).isEmpty();
      }
    }
    allAsked.countDown();
    assertThat(fetches.outcome(1)).contains(FetchProblem.STATUS);
    clock.advance(Attempts.PAUSE.minusMillis(1));
    assertThat(source.find(KEY_1)).isEmpty();
    assertThat(fetches.count()).isEqualTo(1);
    assertThat(fetches.crowdedOut()).isZero();
    clock.advance(Duration.ofMillis(1));
    assertThat(source.find(KEY_1)).isEmpty();
    assertThat(fetches.outcome(2)).contains(FetchProblem.STATUS);
    assertThat(server.asked()).hasSize(2);
  }

  @Test
  void find_keysRotate_newOneIsFound_andTheRemovedOneEnds() {
    ECKey first = key("key-1");
    ECKey second = key("key-2");
    server.serves(set(first));
    assertThat(firstOutcome()).isEmpty();
    server.serves(set(second));
    KeyReference next = new KeyReference.KeyId("key-2");
    assertThat(source().find(next)).isEmpty();
    clock.advance(Attempts.PAUSE);
    assertThat(source().find(next)).isEmpty();
    assertThat(found(source(), next).key()).isEqualTo(publicKey(second));
    assertThat(source().find(KEY_1)).isEmpty();
  }

  @Test
  void find_refreshFails_oldKeyStaysUntilItsEnd() {
    PublicKey key = publishKey("key-1");
    assertThat(firstOutcome()).isEmpty();
    server.answers(exchange -> KeyServer.respond(exchange, 500, ""));
    clock.advance(EndpointSource.KEY_SET.most().minusMillis(1));
    assertThat(source().find(KEY_1).orElseThrow().key()).isEqualTo(key);
    assertThat(fetches.outcome(2)).contains(FetchProblem.STATUS);
    assertThat(source().find(KEY_1)).isPresent();
    clock.advance(Duration.ofMillis(1));
    assertThat(source().find(KEY_1)).isEmpty();
  }

  @Test
  void find_usedKey_isFetchedAgainBeforeItsEnd() {
    PublicKey unused = publishKey("key-1");
    assertThat(firstOutcome()).isEmpty();
    clock.advance(EndpointSource.KEY_SET.refresh().minusMillis(1));
    assertThat(source().find(KEY_1)).isPresent();
    assertThat(fetches.count()).isEqualTo(1);
    clock.advance(Duration.ofMillis(1));
    assertThat(source().find(KEY_1)).isPresent();
    assertThat(fetches.outcome(2)).isEmpty();
  }

  @Test
  void find_floodOfCertificateNames_fetchesFew_andKeepsWhatIsKnown() {
    PublicKey key = publishCertificate(CERTIFICATE);
    KeyReference known = new KeyReference.Certificate(CERTIFICATE);
    assertThat(found(source(), known).key()).isEqualTo(key);
    server.answers(exchange -> KeyServer.respond(exchange, 404, ""));
    for (int i = 0; i < 10_000; i++) {
      URI invented = URI.create("https://" + SNS + "/cert-" + i + ".pem");
      assertThat(source().find(new KeyReference.Certificate(invented))).isEmpty();
    }
    // The known one was new within the same ten seconds.
    assertThat(fetches.count() + fetches.crowdedOut()).isPositive();
    clock.advance(EndpointSource.CERTIFICATE.refresh());
    assertThat(source().find(known).orElseThrow().key()).isEqualTo(key);
    assertThat(server.asked().size()).isLessThanOrEqualTo(Attempts.MOST_NEW + 1);
    assertThat(source().find(known)).isPresent();
  }

  @Test
  void find_oneTenantsSlowServers_leaveRoomForOthers() {
    CountDownLatch over = new CountDownLatch(1);
    open.add(over::countDown);
    ECKey key = key("key-1");
    server.answers(exchange -> {
      if (exchange.getRequestURI().getPath().startsWith("/slow")) {
        awaited(over, 5_000);
      }
      KeyServer.respond(exchange, 200, set(key));
    });
    RemoteKeys keys = keys(server.reach(pki));
    List<KeySource> slow = new ArrayList<>();
    for (int i = 0; i < Fetches.AT_ONCE; i++) {
      KeySource source =
          keys.of(
              EndpointRef.parse("globex/e" + i),
              new KeyPlaces(
                  Optional.of(URI.create("https://" + HOST + "/slow" + i)), List.of(), false));
      slow.add(source);
      assertThat(source.find(KEY_1)).isEmpty();
    }
    assertThat(fetches.crowdedOut()).isEqualTo(Fetches.AT_ONCE - Fetches.AT_ONCE_PER_TENANT);
    assertThat(found(keys.of(ENDPOINT, PLACES), KEY_1).key()).isEqualTo(publicKey(key));
  }

  @Test
  void of_sameEndpointAndPlaces_isTheSameSource() {
    RemoteKeys keys = keys(server.reach(pki));
    KeySource source = keys.of(ENDPOINT, PLACES);
    assertThat(keys.of(ENDPOINT, PLACES)).isSameAs(source);
    assertThat(keys.of(EndpointRef.parse("globex/orders"), PLACES)).isNotSameAs(source);
    assertThat(keys.of(ENDPOINT, new KeyPlaces(Optional.empty(), List.of(), false)))
        .isSameAs(KeySource.NONE);
  }

  @Test
  void confirm_opensTheUrlOnce_andSaysWhatCameOfIt() throws Exception {
    server.serves("<ConfirmSubscriptionResponse/>");
    RemoteKeys keys = keys(server.reach(pki));
    URI url = URI.create("https://" + SNS + "/?Action=ConfirmSubscription&Token=t");
    assertThat(keys.confirm(ENDPOINT, url).toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isTrue();
    assertThat(server.asked())
        .containsExactly(SNS + " " + SNS + "/?Action=ConfirmSubscription&Token=t");
    server.answers(exchange -> KeyServer.respond(exchange, 403, ""));
    assertThat(keys.confirm(ENDPOINT, url).toCompletableFuture().get(10, TimeUnit.SECONDS))
        .isFalse();
  }

  @Test
  void G01_confirm_privateAddress_isNeverConnectedTo() throws Exception {
    RemoteKeys keys = keys(Reach.publicOnly(server.names(), KeyServer.roots(pki)));
    assertThat(
            keys.confirm(ENDPOINT, URI.create("https://" + SNS + "/?Token=t"))
                .toCompletableFuture()
                .get(10, TimeUnit.SECONDS))
        .isFalse();
    assertThat(server.asked()).isEmpty();
  }
}
