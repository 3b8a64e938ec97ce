package io.zenmesh.xds.server;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.MutualTls;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.pki.DevPki;
import io.zenmesh.xds.pki.Leaf;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.snapshot.ContentVersion;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;

/** A server with its own certificate authority, and nodes that connect to it. */
final class TestMesh implements AutoCloseable {
  static final String TRUST_DOMAIN = "zen.local";
  static final SpiffeId SERVER = new SpiffeId(TRUST_DOMAIN, "/control-plane");
  static final NodeId ENVOY = new NodeId(new Name("edge"), NodeRole.ENVOY, new Name("ingress-1"));
  static final NodeId EXTPROC =
      new NodeId(new Name("edge"), NodeRole.EXTPROC, new Name("ingress-1"));
  private static final ContentVersion VERSIONS =
      new ContentVersion(SecretBytes.takeOver(new byte[32]));

  private final Path directory;
  private final DevPki pki;
  private final XdsServer server;
  private final int port;

  TestMesh(Path directory) throws IOException {
    this(directory, 0);
  }

  TestMesh(Path directory, int port) throws IOException {
    this(directory, port, Clock.systemUTC(), Duration.ofSeconds(5), 64, XdsEvents.NONE);
  }

  TestMesh(Path directory, XdsEvents events) throws IOException {
    this(directory, 0, Clock.systemUTC(), Duration.ofSeconds(5), 64, events);
  }

  TestMesh(Path directory, Clock clock, Duration orderWait, int maxConnections) throws IOException {
    this(directory, 0, clock, orderWait, maxConnections, XdsEvents.NONE);
  }

  private TestMesh(
      Path directory,
      int wanted,
      Clock clock,
      Duration orderWait,
      int maxConnections,
      XdsEvents events)
      throws IOException {
    this.directory = directory;
    pki = DevPki.openOrCreate(directory.resolve("pki"), TRUST_DOMAIN, Clock.systemUTC());
    server =
        new XdsServer(
            new XdsServer.Config(
                new InetSocketAddress("127.0.0.1", wanted), identity(SERVER.path()), TRUST_DOMAIN),
            clock,
            orderWait,
            maxConnections,
            events);
    port = server.start();
  }

  XdsServer server() {
    return server;
  }

  int port() {
    return port;
  }

  DevPki pki() {
    return pki;
  }

  IdentityFiles identity(String spiffePath) {
    return pki.issue(
        directory.resolve("id" + spiffePath.replace('/', '_')), Leaf.workload(spiffePath));
  }

  RawNode connect(NodeId node) throws IOException {
    return connect(identity(node.spiffePath()), node.name().toString(), node.cluster().toString());
  }

  RawNode connect(IdentityFiles identity, String id, String cluster) throws IOException {
    return new RawNode(port, MutualTls.load(identity).grpcClient(SERVER), id, cluster);
  }

  static NodeSnapshot snapshot(Resource... resources) {
    return NodeSnapshot.of(List.of(resources));
  }

  /** A resource whose content, and so whose version, depends on {@code content} alone. */
  static Resource resource(ResourceType type, String name, String content) {
    Message message =
        switch (type) {
          case CLUSTER -> Cluster.newBuilder().setName(name).setAltStatName(content).build();
          case LISTENER -> Listener.newBuilder().setName(name).setStatPrefix(content).build();
          case ROUTE ->
              RouteConfiguration.newBuilder().setName(name).addInternalOnlyHeaders(content).build();
          case SECRET -> {
            Secret.Builder secret = Secret.newBuilder().setName(name);
            secret.getGenericSecretBuilder().getSecretBuilder().setInlineString(content);
            yield secret.build();
          }
          case POLICY ->
              io.zenmesh.xds.wire.v1.EndpointPolicy.newBuilder()
                  .setTenant(name)
                  .setScheme(content)
                  .build();
          case KEYS ->
              io.zenmesh.xds.wire.v1.EndpointKeys.newBuilder()
                  .setTenant(name)
                  .setEndpoint(content)
                  .build();
          case ENDPOINT ->
              io.envoyproxy.envoy.config.endpoint.v3.ClusterLoadAssignment.newBuilder()
                  .setClusterName(name)
                  .build();
        };
    return VERSIONS.resource(type, name, message);
  }

  @Override
  public void close() {
    server.close();
  }
}
