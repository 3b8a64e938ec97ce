package io.zenmesh.xds.server;

import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.grpc.Status;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One delta ADS stream of one node, without the gRPC around it: requests go in, responses come out
 * by {@link #next} for as long as there are any. Pure but for its own state; the owner's lock
 * guards it.
 *
 * <p>Order of sending. A node must know what is referred to before what refers to it: CLUSTER,
 * ENDPOINT, LISTENER, ROUTE, each type only after the former was answered, or was waited for long
 * enough. Secrets and a processor's types are answered at once. Removals come when all updates are
 * through, in the opposite order.
 */
final class NodeSession {
  /** The most names of one type a node may ask for, claim to hold, or be published. */
  static final int MAX_NAMES_PER_TYPE = 100_000;

  private static final List<ResourceType> AT_ONCE =
      List.of(ResourceType.SECRET, ResourceType.POLICY, ResourceType.KEYS);
  private static final List<ResourceType> IN_ORDER =
      List.of(
          ResourceType.CLUSTER, ResourceType.ENDPOINT, ResourceType.LISTENER, ResourceType.ROUTE);
  private static final List<ResourceType> REMOVALS =
      List.of(
          ResourceType.ROUTE,
          ResourceType.LISTENER,
          ResourceType.ENDPOINT,
          ResourceType.CLUSTER,
          ResourceType.SECRET,
          ResourceType.KEYS,
          ResourceType.POLICY);

  private final NodeId node;
  private final NodeLedger ledger;
  private final String noncePrefix;
  private final Map<ResourceType, DeltaState> states = new EnumMap<>(ResourceType.class);
  private final UnknownTypes unknown = new UnknownTypes();
  private long nonces;

  /** What became of a request. */
  sealed interface Reaction {
    /** It was taken in; {@code answer} is what it said about the response on its way. */
    record Heard(Optional<ResourceType> type, DeltaState.Answer answer) implements Reaction {}

    /** The stream must end with this status; its text is stable. */
    record Refused(Status status) implements Reaction {}
  }

  /** A response to send; {@code type} is empty for a type we do not know. */
  record Outgoing(Optional<ResourceType> type, DeltaDiscoveryResponse response) {}

  /**
   * @param noncePrefix unique among the streams of the node
   */
  NodeSession(NodeId node, NodeLedger ledger, String noncePrefix) {
    this.node = node;
    this.ledger = ledger;
    this.noncePrefix = noncePrefix;
  }

  Reaction request(DeltaDiscoveryRequest request, Instant now) {
    Optional<ResourceType> type = ResourceType.ofUrl(request.getTypeUrl());
    if (type.isEmpty()) {
      return Entitlements.mayAskUnknown(node.role()) && unknown.ask(request)
          ? new Reaction.Heard(type, DeltaState.Answer.NONE)
          : refused(Status.PERMISSION_DENIED, "type: unknown (expected: one this role may read)");
    }
    if (!Entitlements.mayRead(node.role(), type.get())) {
      return refused(
          Status.PERMISSION_DENIED,
          "type: " + type.get() + " (expected: one that role " + node.role() + " may read)");
    }
    if (tooManyNames(request)) {
      return tooManyNames();
    }
    DeltaState.Answer answer = answer(type.get(), request, now);
    if (subscribe(type.get(), request) > MAX_NAMES_PER_TYPE) {
      return tooManyNames();
    }
    return new Reaction.Heard(type, answer);
  }

  private DeltaState.Answer answer(ResourceType type, DeltaDiscoveryRequest request, Instant now) {
    DeltaState state = states.get(type);
    if (request.getResponseNonce().isEmpty()) {
      return DeltaState.Answer.NONE;
    }
    if (state == null) {
      return DeltaState.Answer.STALE;
    }
    Optional<String> refusal =
        request.hasErrorDetail()
            ? Optional.of(request.getErrorDetail().getMessage())
            : Optional.empty();
    return state.answer(request.getResponseNonce(), refusal, now);
  }

  private int subscribe(ResourceType type, DeltaDiscoveryRequest request) {
    DeltaState state = states.get(type);
    if (state == null) {
      state =
          new DeltaState(
              type,
              ledger,
              request.getResourceNamesSubscribeList(),
              request.getInitialResourceVersionsMap());
      states.put(type, state);
    } else {
      state.change(
          request.getResourceNamesSubscribeList(), request.getResourceNamesUnsubscribeList());
    }
    return state.names();
  }

  private static boolean tooManyNames(DeltaDiscoveryRequest request) {
    return request.getResourceNamesSubscribeCount() > MAX_NAMES_PER_TYPE
        || request.getResourceNamesUnsubscribeCount() > MAX_NAMES_PER_TYPE
        || request.getInitialResourceVersionsCount() > MAX_NAMES_PER_TYPE;
  }

  private static Reaction tooManyNames() {
    return refused(
        Status.RESOURCE_EXHAUSTED,
        "resource names: too many (expected: at most " + MAX_NAMES_PER_TYPE + " of a type)");
  }

  private static Reaction refused(Status status, String text) {
    return new Reaction.Refused(status.withDescription(text));
  }

  /** The next response to send, which counts as sent; empty when there is nothing to say now. */
  Optional<Outgoing> next(Instant now) {
    Optional<DeltaDiscoveryResponse> none = unknown.next(this::nonce);
    if (none.isPresent()) {
      return none.map(response -> new Outgoing(Optional.empty(), response));
    }
    for (ResourceType type : AT_ONCE) {
      Optional<Outgoing> update = update(type, now);
      if (update.isPresent()) {
        return update;
      }
    }
    for (ResourceType type : IN_ORDER) {
      Optional<Outgoing> update = update(type, now);
      if (update.isPresent() || holdsOthers(type)) {
        return update;
      }
    }
    return AT_ONCE.stream().anyMatch(this::holdsOthers) ? Optional.empty() : removal(now);
  }

  private Optional<Outgoing> update(ResourceType type, Instant now) {
    DeltaState state = states.get(type);
    return state == null
        ? Optional.empty()
        : state.nextUpdates().map(batch -> send(state, type, batch, now));
  }

  private Optional<Outgoing> removal(Instant now) {
    for (ResourceType type : REMOVALS) {
      DeltaState state = states.get(type);
      if (state == null) {
        continue;
      }
      Optional<Outgoing> removal = state.nextRemovals().map(batch -> send(state, type, batch, now));
      if (removal.isPresent() || state.holdsOthers()) {
        return removal;
      }
    }
    return Optional.empty();
  }

  private boolean holdsOthers(ResourceType type) {
    DeltaState state = states.get(type);
    return state != null && state.holdsOthers();
  }

  private Outgoing send(DeltaState state, ResourceType type, DeltaState.Batch batch, Instant now) {
    String nonce = nonce();
    state.sent(batch, nonce, now);
    DeltaDiscoveryResponse.Builder response =
        DeltaDiscoveryResponse.newBuilder()
            .setTypeUrl(type.url())
            .setNonce(nonce)
            .setSystemVersionInfo(ledger.snapshot().version(type))
            .addAllRemovedResources(batch.removed());
    for (Resource resource : batch.updated()) {
      response.addResources(
          io.envoyproxy.envoy.service.discovery.v3.Resource.newBuilder()
              .setName(resource.name())
              .setVersion(resource.version())
              .setResource(resource.body()));
    }
    return new Outgoing(Optional.of(type), response.build());
  }

  private String nonce() {
    return noncePrefix + "-" + ++nonces;
  }

  /**
   * The response {@code nonce} was waited for long enough: what depends on it goes on.
   *
   * @return the type that was waited for, when it still is unanswered
   */
  Optional<ResourceType> waitedEnough(String nonce) {
    return states.entrySet().stream()
        .filter(entry -> entry.getValue().waitedEnough(nonce))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** How far the node has come with a type; empty when it did not ask for it. */
  Optional<TypeStatus.State> state(ResourceType type) {
    return Optional.ofNullable(states.get(type)).map(DeltaState::state);
  }
}
