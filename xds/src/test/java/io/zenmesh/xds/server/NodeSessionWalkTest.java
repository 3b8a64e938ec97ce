package io.zenmesh.xds.server;

import static io.zenmesh.xds.server.TestMesh.ENVOY;
import static io.zenmesh.xds.server.TestMesh.resource;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.rpc.Status;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryResponse;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Seeded random walks of an honest node that refuses some content, loses its connection and is
 * published to at any moment: wherever the walk ends, the node comes to hold what is published, or
 * of refused content the last it accepted, and never sees a refused version alone twice.
 */
class NodeSessionWalkTest {
  private static final Instant NOW = Instant.parse("2026-11-24T00:00:00Z");
  private static final List<ResourceType> TYPES =
      List.of(ResourceType.CLUSTER, ResourceType.LISTENER, ResourceType.ROUTE);
  private static final int STEPS = 400;

  private final NodeLedger ledger = new NodeLedger();
  private final Map<ResourceType, Map<String, String>> held = new EnumMap<>(ResourceType.class);
  private final Deque<DeltaDiscoveryResponse> unanswered = new ArrayDeque<>();
  private final Set<String> refusedAlone = new HashSet<>();
  private final Set<String> bad = new HashSet<>();
  private NodeSession session = new NodeSession(ENVOY, ledger, "0");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34, 55, 89})
  void anyWalk_endsWithTheNodeOnWhatIsPublished(long seed) {
    Random random = new Random(seed);
    TYPES.forEach(type -> held.put(type, new TreeMap<>()));
    NodeSnapshot last = NodeSnapshot.empty();
    connect(0);
    for (int step = 1; step <= STEPS; step++) {
      switch (random.nextInt(6)) {
        case 0, 1 -> {
          last = randomSnapshot(random);
          ledger.publish(last);
        }
        case 2 -> connect(step);
        case 3 -> unanswered.forEach(r -> session.waitedEnough(r.getNonce()));
        default -> answerOne();
      }
      take();
    }
    ledger.publish(last);
    take();
    while (!unanswered.isEmpty()) {
      answerOne();
      take();
    }
    for (ResourceType type : TYPES) {
      assertConverged(type, last);
    }
  }

  private void assertConverged(ResourceType type, NodeSnapshot last) {
    assertThat(held.getOrDefault(type, Map.of()).keySet())
        .isSubsetOf(last.resources(type).keySet());
    for (Resource wanted : last.resources(type).values()) {
      if (!bad.contains(wanted.version())) {
        assertThat(held.getOrDefault(type, Map.of()))
            .containsEntry(wanted.name(), wanted.version());
      }
    }
  }

  private NodeSnapshot randomSnapshot(Random random) {
    List<Resource> resources = new ArrayList<>();
    for (ResourceType type : TYPES) {
      for (String name : List.of("a", "b", "c", "d")) {
        if (random.nextInt(4) > 0) {
          int content = random.nextInt(6);
          Resource resource = resource(type, name, Integer.toString(content));
          if (content == 0) {
            bad.add(resource.version());
          }
          resources.add(resource);
        }
      }
    }
    return NodeSnapshot.of(resources);
  }

  private void connect(int number) {
    unanswered.clear();
    session = new NodeSession(ENVOY, ledger, Integer.toString(number));
    for (ResourceType type : TYPES) {
      session.request(
          DeltaDiscoveryRequest.newBuilder()
              .setTypeUrl(type.url())
              .putAllInitialResourceVersions(held.getOrDefault(type, Map.of()))
              .build(),
          NOW);
    }
  }

  private void take() {
    Optional<NodeSession.Outgoing> next = session.next(NOW);
    while (next.isPresent()) {
      String url = next.get().response().getTypeUrl();
      assertThat(unanswered).noneMatch(earlier -> earlier.getTypeUrl().equals(url));
      unanswered.add(next.get().response());
      next = session.next(NOW);
    }
  }

  private void answerOne() {
    if (unanswered.isEmpty()) {
      return;
    }
    DeltaDiscoveryResponse response = unanswered.remove();
    DeltaDiscoveryRequest.Builder answer =
        DeltaDiscoveryRequest.newBuilder()
            .setTypeUrl(response.getTypeUrl())
            .setResponseNonce(response.getNonce());
    Map<String, String> brought = RawNode.names(response);
    if (brought.values().stream().anyMatch(bad::contains)) {
      answer.setErrorDetail(Status.newBuilder().setMessage("bad content"));
      if (brought.size() == 1) {
        assertThat(refusedAlone.add(response.getTypeUrl() + brought))
            .as("refused alone before: %s", brought)
            .isTrue();
      }
    } else {
      Map<String, String> mine =
          held.getOrDefault(ResourceType.ofUrl(response.getTypeUrl()).orElseThrow(), Map.of());
      mine.putAll(brought);
      mine.keySet().removeAll(response.getRemovedResourcesList());
    }
    session.request(answer.build(), NOW);
  }
}
