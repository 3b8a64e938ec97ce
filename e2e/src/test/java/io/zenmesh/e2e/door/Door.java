package io.zenmesh.e2e.door;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.google.protobuf.ByteString;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollIoHandler;
import io.zenmesh.e2e.check.Field;
import io.zenmesh.e2e.check.Outcome;
import io.zenmesh.e2e.check.RawHttp1;
import io.zenmesh.e2e.check.ReceivedRequest;
import io.zenmesh.e2e.check.WireRequest;
import io.zenmesh.e2e.check.WireRequest.Framing;
import io.zenmesh.e2e.fixture.StaticEnvoys;
import io.zenmesh.extproc.challenge.ChallengePorts;
import io.zenmesh.extproc.challenge.HandshakeSecrets;
import io.zenmesh.extproc.challenge.StateFiles;
import io.zenmesh.extproc.challenge.SubscriptionConfirmer;
import io.zenmesh.extproc.pipeline.Pipeline;
import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.receipts.ReceiptBook;
import io.zenmesh.extproc.replay.InMemoryReplayGuard;
import io.zenmesh.extproc.replay.ReplayGuard;
import io.zenmesh.extproc.replay.ReplayObserver;
import io.zenmesh.extproc.server.ProcessorServer;
import io.zenmesh.extproc.server.TrafficObserver;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.xds.client.PolicySet;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.EndpointPolicy;
import io.zenmesh.xds.model.EndpointPolicy.OnDuplicate;
import io.zenmesh.xds.model.EndpointPolicy.OnStoreLoss;
import io.zenmesh.xds.model.EndpointRef;
import io.zenmesh.xds.model.IngressRoute;
import io.zenmesh.xds.model.SchemeSettings;
import io.zenmesh.xds.secret.EndpointKeys;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Real Envoys, and the product's processor in this JVM, with endpoints of a test's choice. */
final class Door implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(10);
  private static final int MAX_BODY_BYTES = 4096;

  private final StaticEnvoys envoys;
  private final Map<String, Endpoint> endpoints = new HashMap<>();
  private final MultiThreadIoEventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
  private final ProcessorServer processor;
  private final RawHttp1 client;

  /**
   * An endpoint of tenant acme on its own path.
   *
   * @param secret what its events are signed with
   * @param key what they are verified with; empty for none
   */
  record Endpoint(
      String name,
      String scheme,
      boolean enforce,
      String secret,
      Optional<String> key,
      SchemeSettings settings,
      Optional<String> verifyToken) {
    static Endpoint of(String name, String scheme, String secret) {
      return new Endpoint(
          name, scheme, true, secret, Optional.of(secret), SchemeSettings.NONE, Optional.empty());
    }

    Endpoint inDryRun() {
      return new Endpoint(name, scheme, false, secret, key, settings, verifyToken);
    }

    Endpoint with(SchemeSettings other) {
      return new Endpoint(name, scheme, enforce, secret, key, other, verifyToken);
    }

    Endpoint withKey(Optional<String> other) {
      return new Endpoint(name, scheme, enforce, secret, other, settings, verifyToken);
    }

    Endpoint withVerifyToken(String token) {
      return new Endpoint(name, scheme, enforce, secret, key, settings, Optional.of(token));
    }

    EndpointRef ref() {
      return EndpointRef.parse("acme/" + name);
    }

    String path() {
      return "/" + ref().routeName();
    }

    Scheme parsed() {
      return new OwnSchemes(Catalogue.bundled()).find(scheme, settings.definition()).orElseThrow();
    }

    EndpointPolicy policy() {
      return new EndpointPolicy(
          ref(),
          scheme,
          Optional.empty(),
          MAX_BODY_BYTES,
          Optional.empty(),
          OnDuplicate.REFUSE,
          OnStoreLoss.ACCEPT,
          enforce,
          settings,
          ClientRequirement.NONE);
    }

    EndpointKeys keys() {
      return new EndpointKeys(
          ref(),
          key.stream()
              .map(text ->
                  new VerificationKey("k1", Instant.EPOCH, Optional.empty(), secretBytes(text)))
              .toList(),
          verifyToken.map(Door::secretBytes));
    }
  }

  /** An answer, and what reached the target of the request. */
  record Result(Outcome outcome, List<ReceivedRequest> arrived) {
    int status() {
      return outcome.status().orElseThrow(() -> new AssertionError(outcome));
    }

    String body() {
      return ((Outcome.Answered) outcome).body().toStringUtf8();
    }

    List<String> header(String name) {
      return Field.values(((Outcome.Answered) outcome).headers(), name);
    }
  }

  private Door(StaticEnvoys envoys, Path state, List<Endpoint> all) throws IOException {
    this.envoys = envoys;
    all.forEach(endpoint -> endpoints.put(endpoint.name(), endpoint));
    HandshakeSecrets secrets = new StateFiles(state, Runnable::run);
    ActivePolicies policies =
        new ActivePolicies(
            Catalogue.bundled(),
            problem -> {
              throw new AssertionError(problem);
            },
            secrets);
    Map<EndpointRef, EndpointPolicy> policy = new HashMap<>();
    Map<EndpointRef, EndpointKeys> keys = new HashMap<>();
    for (Endpoint endpoint : all) {
      policy.put(endpoint.ref(), endpoint.policy());
      keys.put(endpoint.ref(), endpoint.keys());
    }
    policies
        .apply(new PolicySet(policy, keys))
        .ifPresent(problem -> {
          throw new AssertionError(problem);
        });
    Clock clock = Clock.systemUTC();
    // Begun a minute ago: a store that has just begun refuses what it may have forgotten.
    AtomicReference<Duration> begun = new AtomicReference<>(Duration.ofMinutes(1));
    ReplayGuard guard =
        new InMemoryReplayGuard(
            () -> clock.instant().minus(begun.get()), System::nanoTime, ReplayObserver.NONE);
    begun.set(Duration.ZERO);
    processor =
        new ProcessorServer(
            io.zenmesh.extproc.server.Door.socket(envoys.processorSocket()),
            loops,
            new Pipeline(policies::current, () -> false, clock),
            guard,
            TrafficObserver.NONE,
            new ChallengePorts(
                policies::take, SubscriptionConfirmer.NONE, SubscriptionConfirmer.NONE),
            ReceiptBook.NONE,
            clock,
            System::nanoTime);
    processor.start();
    client = new RawHttp1(envoys.tls(), PATIENCE);
  }

  static Door open(Path directory, List<Endpoint> endpoints) throws IOException {
    StaticEnvoys envoys =
        StaticEnvoys.start(
            directory.resolve("mesh"),
            endpoints.stream()
                .map(endpoint ->
                    new IngressRoute(
                        endpoint.ref(),
                        StaticEnvoys.HOST,
                        endpoint.path(),
                        endpoint.enforce() && !endpoint.parsed().replay().onePhase(),
                        endpoint.enforce()))
                .toList());
    try {
      return new Door(envoys, directory.resolve("state"), endpoints);
    } catch (IOException | RuntimeException e) {
      envoys.close();
      throw e;
    }
  }

  private static SecretBytes secretBytes(String text) {
    return SecretBytes.takeOver(text.getBytes(UTF_8));
  }

  Endpoint endpoint(String name) {
    return Optional.ofNullable(endpoints.get(name)).orElseThrow();
  }

  /** A POST as the endpoint's provider signs it. */
  WireRequest signed(String name, String body) {
    return signed(name, body, endpoint(name).secret());
  }

  WireRequest signed(String name, String body, String secret) {
    Endpoint endpoint = endpoint(name);
    List<Field> fields = new ArrayList<>();
    SchemeSigner.sign(
            endpoint.parsed(),
            secretBytes(secret),
            new SchemeSigner.Message(
                "POST", StaticEnvoys.HOST, endpoint.path(), ByteBuffer.wrap(body.getBytes(UTF_8))),
            new SchemeSigner.Delivery(
                Clock.systemUTC().instant(), UUID.randomUUID().toString().replace("-", "")))
        .forEach((header, value) -> fields.add(new Field(header, value)));
    return post(name, body).withHeaders(fields);
  }

  WireRequest post(String name, String body) {
    return WireRequest.post(
        StaticEnvoys.HOST, endpoint(name).path(), ByteString.copyFromUtf8(body), List.of());
  }

  /** A request without body. */
  WireRequest bare(String method, String name, String query) {
    return new WireRequest(
        method,
        StaticEnvoys.HOST,
        endpoint(name).path() + query,
        List.of(),
        ByteString.EMPTY,
        Framing.NONE,
        List.of());
  }

  Result send(WireRequest request) {
    long mark = envoys.target().arrivals().total();
    Outcome outcome = client.send(envoys.port(), StaticEnvoys.HOST, request);
    return new Result(outcome, envoys.target().arrivals().after(mark));
  }

  @Override
  public void close() throws IOException {
    client.close();
    processor.close();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS).syncUninterruptibly();
    envoys.close();
  }
}
