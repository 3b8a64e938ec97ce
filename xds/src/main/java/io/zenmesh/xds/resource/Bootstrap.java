package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.ListValue;
import com.google.protobuf.Message;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import io.envoyproxy.envoy.config.bootstrap.v3.Admin;
import io.envoyproxy.envoy.config.core.v3.AggregatedConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiConfigSource;
import io.envoyproxy.envoy.config.core.v3.ApiVersion;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.envoyproxy.envoy.config.core.v3.GrpcService;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.envoyproxy.envoy.config.overload.v3.OverloadAction;
import io.envoyproxy.envoy.config.overload.v3.OverloadManager;
import io.envoyproxy.envoy.config.overload.v3.ResourceMonitor;
import io.envoyproxy.envoy.config.overload.v3.ThresholdTrigger;
import io.envoyproxy.envoy.config.overload.v3.Trigger;
import io.envoyproxy.envoy.extensions.resource_monitors.downstream_connections.v3.DownstreamConnectionsConfig;
import io.envoyproxy.envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/**
 * What an Envoy of the mesh is started with: who it is, where its control plane is, and its limits.
 *
 * <p>Listeners, clusters, routes and certificates come over delta ADS on mTLS; the server's SPIFFE
 * id is pinned. The admin interface is a Unix socket that only the owner may open, with a list of
 * allowed paths.
 */
public final class Bootstrap {
  private static final String HEAP_MONITOR = "envoy.resource_monitors.fixed_heap";
  private static final String CONNECTION_MONITOR =
      "envoy.resource_monitors.global_downstream_max_connections";
  private static final int OWNER_ONLY = 0600;

  /** Reading, and draining. Not stopping, changing the runtime, or writing profiles. */
  private static final List<String> ADMIN_PATHS =
      List.of(
          "/ready",
          "/server_info",
          "/stats",
          "/clusters",
          "/listeners",
          "/certs",
          "/config_dump",
          "/init_dump",
          "/memory",
          "/drain_listeners",
          "/healthcheck/fail",
          "/healthcheck/ok");

  private Bootstrap() {}

  /**
   * What differs between the bootstraps of two Envoys.
   *
   * @param node the Envoy; its role is {@link NodeRole#ENVOY}
   * @param xds where the control plane serves xDS
   * @param xdsSpiffeId the only identity accepted there
   * @param identity the node's own files; the paths must be valid where Envoy runs
   * @param adminSocket an absolute path of at most 107 characters
   */
  public record Spec(
      NodeId node, HostPort xds, String xdsSpiffeId, IdentityFiles identity, Path adminSocket) {
    /**
     * @throws IllegalArgumentException when the node is no Envoy
     */
    public Spec {
      if (node.role() != NodeRole.ENVOY) {
        throw new IllegalArgumentException("node: " + node + " (expected: role envoy)");
      }
    }
  }

  /** The YAML text of the bootstrap, to be loaded from a file whose name ends in {@code .yaml}. */
  public static String render(Spec spec) {
    return yaml(
        base(spec)
            .setDynamicResources(dynamicResources())
            .setStaticResources(
                io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources.newBuilder()
                    .addClusters(Clusters.xds(spec.xds(), spec.xdsSpiffeId()))
                    .addSecrets(nodeIdentity(spec))
                    .addSecrets(meshBundle(spec)))
            .build());
  }

  /** All but the resources. */
  static io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.Builder base(Spec spec) {
    return io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.newBuilder()
        .setNode(
            Node.newBuilder()
                .setId(spec.node().name().value())
                .setCluster(spec.node().cluster().value()))
        .setAdmin(
            Admin.newBuilder().setAddress(Clusters.pipe(spec.adminSocket().toString(), OWNER_ONLY)))
        .setOverloadManager(overloadManager());
  }

  static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret nodeIdentity(Spec spec) {
    return Secrets.certificate(
        ResourceNames.NODE_IDENTITY,
        spec.identity().certificateChain(),
        spec.identity().privateKey());
  }

  static io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret meshBundle(Spec spec) {
    return Secrets.bundle(ResourceNames.MESH_BUNDLE, spec.identity().trustBundle());
  }

  /** Adds {@code admin.allow_paths}, which is newer than the proto classes. */
  static String yaml(io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap bootstrap) {
    Struct tree = ProtoYaml.tree(bootstrap).getStructValue();
    ListValue.Builder paths = ListValue.newBuilder();
    ADMIN_PATHS.forEach(path ->
        paths.addValues(
            Value.newBuilder()
                .setStructValue(
                    Struct.newBuilder()
                        .putFields("prefix", Value.newBuilder().setStringValue(path).build()))));
    Struct.Builder root = Struct.newBuilder();
    for (Map.Entry<String, Value> field : tree.getFieldsMap().entrySet()) {
      Value value = field.getValue();
      if (field.getKey().equals("admin")) {
        Struct.Builder admin = value.getStructValue().toBuilder();
        admin.putFields("allow_paths", Value.newBuilder().setListValue(paths).build());
        value = Value.newBuilder().setStructValue(admin).build();
      }
      root.putFields(field.getKey(), value);
    }
    return ProtoYaml.write(Value.newBuilder().setStructValue(root).build());
  }

  private static io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources
      dynamicResources() {
    // Without end: a node that never reached its control plane must not call itself ready.
    ConfigSource ads =
        ConfigSource.newBuilder()
            .setAds(AggregatedConfigSource.getDefaultInstance())
            .setResourceApiVersion(ApiVersion.V3)
            .setInitialFetchTimeout(Limits.seconds(0))
            .build();
    return io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.DynamicResources.newBuilder()
        .setAdsConfig(
            ApiConfigSource.newBuilder()
                .setApiType(ApiConfigSource.ApiType.DELTA_GRPC)
                .setTransportApiVersion(ApiVersion.V3)
                .setSetNodeOnFirstMessageOnly(true)
                .addGrpcServices(
                    GrpcService.newBuilder()
                        .setEnvoyGrpc(
                            GrpcService.EnvoyGrpc.newBuilder()
                                .setClusterName(ResourceNames.XDS_CLUSTER))))
        .setCdsConfig(ads)
        .setLdsConfig(ads)
        .build();
  }

  static OverloadManager overloadManager() {
    return OverloadManager.newBuilder()
        .setRefreshInterval(com.google.protobuf.Duration.newBuilder().setNanos(250_000_000).build())
        .addResourceMonitors(
            monitor(
                HEAP_MONITOR,
                FixedHeapConfig.newBuilder().setMaxHeapSizeBytes(Limits.HEAP_BYTES).build()))
        .addResourceMonitors(
            monitor(
                CONNECTION_MONITOR,
                DownstreamConnectionsConfig.newBuilder()
                    .setMaxActiveDownstreamConnections(Limits.DOWNSTREAM_CONNECTIONS)
                    .build()))
        .addActions(onHeap("envoy.overload_actions.shrink_heap", 0.85))
        .addActions(onHeap("envoy.overload_actions.disable_http_keepalive", 0.90))
        .addActions(onHeap("envoy.overload_actions.stop_accepting_requests", 0.95))
        .addActions(onHeap("envoy.overload_actions.stop_accepting_connections", 0.98))
        .build();
  }

  private static ResourceMonitor monitor(String name, Message config) {
    return ResourceMonitor.newBuilder().setName(name).setTypedConfig(Any.pack(config)).build();
  }

  private static OverloadAction onHeap(String action, double threshold) {
    return OverloadAction.newBuilder()
        .setName(action)
        .addTriggers(
            Trigger.newBuilder()
                .setName(HEAP_MONITOR)
                .setThreshold(ThresholdTrigger.newBuilder().setValue(threshold)))
        .build();
  }
}
