package io.zenmesh.xds.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import io.zenmesh.xds.wire.v1.EndpointKeys;
import io.zenmesh.xds.wire.v1.EndpointPolicy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Each case has one file for each resource type it holds.
 *
 * <p>{@code -Dgolden.update=true} writes the files anew and deletes those of no case.
 */
class GoldenTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final ByteString REDACTED = ByteString.copyFromUtf8("[redacted]");

  private static SortedMap<String, NodeSnapshot> cases() {
    return new TreeMap<>(
        Map.of(
            "ingress-empty",
            SampleMesh.ingress(SampleMesh.ingressNode(List.of())),
            "ingress-two-tenants",
            SampleMesh.ingress(
                SampleMesh.ingressNode(
                    SampleMesh.routes(), SampleMesh.peer("egress-1", "127.0.0.1", 18543))),
            "ingress-two-egresses",
            SampleMesh.ingress(
                SampleMesh.ingressNode(
                    SampleMesh.routes().subList(0, 1),
                    SampleMesh.peer("egress-2", "egress-2.internal", 18543),
                    SampleMesh.peer("egress-1", "::1", 18543))),
            "egress-empty",
            SampleMesh.egress(SampleMesh.egressNode(Map.of(), "ingress-1"), List.of()),
            "egress-without-ingress",
            SampleMesh.egress(
                SampleMesh.egressNode(SampleMesh.destinations()), SampleMesh.bundles()),
            "egress-two-tenants",
            SampleMesh.egress(
                SampleMesh.egressNode(SampleMesh.destinations(), "ingress-2", "ingress-1"),
                SampleMesh.bundles()),
            "processor",
            SampleMesh.processor(SampleMesh.policies(), SampleMesh.keys())));
  }

  @Test
  void factories_renderWhatTheGoldenFilesSay() throws IOException {
    SortedMap<String, String> rendered = new TreeMap<>();
    cases().forEach((name, snapshot) -> rendered.putAll(render(name, snapshot)));
    if (Boolean.getBoolean("golden.update")) {
      assertThat(System.getenv("CI")).as("golden.update in CI").isNotEqualTo("true");
      write(rendered);
    }
    assertThat(read()).isEqualTo(rendered);
  }

  private static Map<String, String> render(String name, NodeSnapshot snapshot) {
    Map<String, String> files = new TreeMap<>();
    for (ResourceType type : ResourceType.values()) {
      StringBuilder text = new StringBuilder();
      for (Resource resource : snapshot.resources(type).values()) {
        text.append("--- # ")
            .append(resource.name())
            .append(" @")
            .append(resource.version())
            .append('\n')
            .append(ProtoYaml.write(redacted(type, resource.body())));
      }
      if (!text.isEmpty()) {
        String plural =
            switch (type) {
              case POLICY -> "policies";
              case KEYS -> "keys";
              case SECRET, CLUSTER, ENDPOINT, LISTENER, ROUTE ->
                  type.name().toLowerCase(Locale.ROOT) + "s";
            };
        files.put(name + "." + plural + ".yaml", text.toString());
      }
    }
    return files;
  }

  private static Message redacted(ResourceType type, Any body) {
    try {
      return switch (type) {
        case POLICY -> body.unpack(EndpointPolicy.class);
        case KEYS -> redacted(body.unpack(EndpointKeys.class));
        case SECRET -> redacted(body.unpack(Secret.class));
        case CLUSTER -> body.unpack(Cluster.class);
        case LISTENER -> body.unpack(Listener.class);
        case ROUTE -> body.unpack(RouteConfiguration.class);
        case ENDPOINT -> throw new AssertionError("no endpoint resource is rendered");
      };
    } catch (InvalidProtocolBufferException e) {
      throw new AssertionError(e);
    }
  }

  private static EndpointKeys redacted(EndpointKeys keys) {
    EndpointKeys.Builder builder = keys.toBuilder();
    builder.getKeysBuilderList().forEach(key -> key.setSecret(REDACTED));
    if (!builder.getVerifyToken().isEmpty()) {
      builder.setVerifyToken(REDACTED);
    }
    return builder.build();
  }

  private static Secret redacted(Secret secret) {
    Secret.Builder builder = secret.toBuilder();
    if (secret.hasTlsCertificate()) {
      builder.getTlsCertificateBuilder().getPrivateKeyBuilder().setInlineBytes(REDACTED);
    }
    return builder.build();
  }

  private static SortedMap<String, String> read() throws IOException {
    SortedMap<String, String> found = new TreeMap<>();
    for (Path file : files()) {
      found.put(file.getFileName().toString(), Files.readString(file));
    }
    return found;
  }

  private static void write(Map<String, String> rendered) throws IOException {
    Files.createDirectories(GOLDEN);
    for (Path file : files()) {
      if (!rendered.containsKey(file.getFileName().toString())) {
        Files.delete(file);
      }
    }
    for (Map.Entry<String, String> file : rendered.entrySet()) {
      Files.writeString(GOLDEN.resolve(file.getKey()), file.getValue());
    }
  }

  private static List<Path> files() throws IOException {
    if (!Files.isDirectory(GOLDEN)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(GOLDEN)) {
      return files.toList();
    }
  }
}
