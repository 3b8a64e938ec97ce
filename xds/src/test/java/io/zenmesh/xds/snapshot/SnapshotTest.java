package io.zenmesh.xds.snapshot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.Any;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SnapshotTest {
  @Test
  void version_isOfTheContent() {
    try (ContentVersion versions = versions(1)) {
      Resource one = versions.resource(ResourceType.CLUSTER, "a", cluster("a"));
      assertThat(versions.resource(ResourceType.CLUSTER, "a", cluster("a")).version())
          .isEqualTo(one.version())
          .matches("[0-9a-f]{32}");
      assertThat(versions.resource(ResourceType.CLUSTER, "a", cluster("b")).version())
          .isNotEqualTo(one.version());
    }
  }

  @Test
  void version_doesNotDependOnTheOrderOfMaps() {
    Struct.Builder up = Struct.newBuilder();
    Struct.Builder down = Struct.newBuilder();
    IntStream.range(0, 50).forEach(i -> up.putFields("k" + i, value(i)));
    IntStream.range(0, 50).map(i -> 49 - i).forEach(i -> down.putFields("k" + i, value(i)));
    try (ContentVersion versions = versions(1)) {
      assertThat(versions.resource(ResourceType.ROUTE, "a", up.build()).version())
          .isEqualTo(versions.resource(ResourceType.ROUTE, "a", down.build()).version());
    }
  }

  @Test
  void versionOfASecret_needsTheKey() {
    Secret secret = Secret.newBuilder().setName("s").build();
    try (ContentVersion one = versions(1);
        ContentVersion other = versions(2)) {
      assertThat(one.resource(ResourceType.SECRET, "s", secret).version())
          .isNotEqualTo(other.resource(ResourceType.SECRET, "s", secret).version());
      assertThat(one.resource(ResourceType.CLUSTER, "a", cluster("a")).version())
          .isEqualTo(other.resource(ResourceType.CLUSTER, "a", cluster("a")).version());
    }
    assertThat(ResourceType.KEYS.secret()).isTrue();
  }

  @Test
  void shortKey_isRefused() {
    SecretBytes key = SecretBytes.takeOver(new byte[31]);
    assertThatThrownBy(() -> new ContentVersion(key)).hasMessageStartingWith("key: 31 bytes");
  }

  @Test
  void snapshot_refusesTwoResourcesOfOneName() {
    try (ContentVersion versions = versions(1)) {
      Resource a = versions.resource(ResourceType.CLUSTER, "a", cluster("a"));
      Resource b = versions.resource(ResourceType.CLUSTER, "b", cluster("b"));
      NodeSnapshot snapshot = NodeSnapshot.of(List.of(b, a));
      assertThat(snapshot.resources(ResourceType.CLUSTER)).containsOnlyKeys("a", "b");
      assertThat(snapshot.resources(ResourceType.ROUTE)).isEmpty();
      assertThatThrownBy(() -> NodeSnapshot.of(List.of(a, b, a)))
          .isInstanceOf(IllegalArgumentException.class);
      assertThatThrownBy(() -> snapshot.resources(ResourceType.CLUSTER).clear())
          .isInstanceOf(UnsupportedOperationException.class);
    }
  }

  @Test
  void resource_refusesABodyOfAnotherType() {
    assertThatThrownBy(() -> new Resource(ResourceType.CLUSTER, "a", "v", Any.getDefaultInstance()))
        .hasMessageStartingWith("body: ");
  }

  @Test
  void types_areFoundByTheirUrlAndComeInOrder() {
    for (ResourceType type : ResourceType.values()) {
      assertThat(ResourceType.ofUrl(type.url())).contains(type);
    }
    assertThat(ResourceType.ofUrl("type.googleapis.com/other")).isEmpty();
    assertThat(ResourceType.values())
        .containsSubsequence(
            ResourceType.POLICY,
            ResourceType.SECRET,
            ResourceType.CLUSTER,
            ResourceType.LISTENER,
            ResourceType.ROUTE);
  }

  private static Cluster cluster(String name) {
    return Cluster.newBuilder().setName(name).build();
  }

  private static Value value(int number) {
    return Value.newBuilder().setNumberValue(number).build();
  }

  private static ContentVersion versions(int key) {
    byte[] bytes = new byte[32];
    bytes[0] = (byte) key;
    return new ContentVersion(SecretBytes.takeOver(bytes));
  }
}
