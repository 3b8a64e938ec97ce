package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.bootstrap.v3.Bootstrap.StaticResources;
import io.envoyproxy.envoy.config.cluster.v3.Cluster;
import io.envoyproxy.envoy.config.core.v3.TransportSocket;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext;
import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.snapshot.NodeSnapshot;
import io.zenmesh.xds.snapshot.Resource;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.function.Function;

/**
 * A snapshot as one static file, for Envoys without a control plane.
 *
 * <p>Routes stand in their listener. Roots stand inline. A certificate and its key are read from
 * files, {@code svid.pem} and {@code key.pem} in a directory that bears the secret's name below the
 * node's identity directory: no private key is ever part of the text.
 */
public final class StaticConfig {
  private StaticConfig() {}

  /**
   * The YAML text of a complete bootstrap.
   *
   * @throws IllegalArgumentException when the snapshot is not one of an Envoy, or refers to routes
   *     it does not hold
   */
  public static String render(NodeSnapshot snapshot, Bootstrap.Spec spec) {
    StaticResources.Builder resources =
        StaticResources.newBuilder()
            .addSecrets(Bootstrap.nodeIdentity(spec))
            .addSecrets(Bootstrap.meshBundle(spec));
    for (Resource resource : snapshot.resources(ResourceType.SECRET).values()) {
      resources.addSecrets(withoutKey(unpack(resource.body(), Secret.class), spec.identity()));
    }
    for (Resource resource : snapshot.resources(ResourceType.CLUSTER).values()) {
      resources.addClusters(staticCluster(unpack(resource.body(), Cluster.class)));
    }
    for (Resource resource : snapshot.resources(ResourceType.LISTENER).values()) {
      resources.addListeners(
          staticListener(unpack(resource.body(), Listener.class), name -> routes(name, snapshot)));
    }
    return Bootstrap.yaml(Bootstrap.base(spec).setStaticResources(resources).build());
  }

  private static Secret withoutKey(Secret secret, IdentityFiles node) {
    if (!secret.hasTlsCertificate()) {
      return secret;
    }
    IdentityFiles files = new IdentityFiles(node.directory().resolve(secret.getName()));
    return Secrets.certificate(secret.getName(), files.certificateChain(), files.privateKey());
  }

  private static Cluster staticCluster(Cluster cluster) {
    return cluster.hasTransportSocket()
        ? cluster.toBuilder().setTransportSocket(staticSocket(cluster.getTransportSocket())).build()
        : cluster;
  }

  /** A listener with its routes inside, and secrets of the bootstrap. */
  static Listener staticListener(Listener listener, Function<String, RouteConfiguration> routes) {
    Listener.Builder inlined = listener.toBuilder();
    for (FilterChain.Builder chain : inlined.getFilterChainsBuilderList()) {
      chain.setTransportSocket(staticSocket(chain.getTransportSocket()));
      for (Filter.Builder filter : chain.getFiltersBuilderList()) {
        HttpConnectionManager manager =
            unpack(filter.getTypedConfig(), HttpConnectionManager.class);
        filter.setTypedConfig(
            Any.pack(
                manager.toBuilder()
                    .setRouteConfig(routes.apply(manager.getRds().getRouteConfigName()))
                    .build()));
      }
    }
    return inlined.build();
  }

  static RouteConfiguration routes(String name, NodeSnapshot snapshot) {
    Resource found = snapshot.resources(ResourceType.ROUTE).get(name);
    if (found == null) {
      throw new IllegalArgumentException("routes: " + name + " (expected: in the snapshot)");
    }
    return unpack(found.body(), RouteConfiguration.class);
  }

  private static TransportSocket staticSocket(TransportSocket socket) {
    Any config = socket.getTypedConfig();
    if (config.is(DownstreamTlsContext.class)) {
      DownstreamTlsContext.Builder context = unpack(config, DownstreamTlsContext.class).toBuilder();
      fromBootstrap(context.getCommonTlsContextBuilder());
      return socket.toBuilder().setTypedConfig(Any.pack(context.build())).build();
    }
    UpstreamTlsContext.Builder context = unpack(config, UpstreamTlsContext.class).toBuilder();
    fromBootstrap(context.getCommonTlsContextBuilder());
    return socket.toBuilder().setTypedConfig(Any.pack(context.build())).build();
  }

  /** A secret without a source is one of the bootstrap. */
  private static void fromBootstrap(CommonTlsContext.Builder context) {
    context
        .getTlsCertificateSdsSecretConfigsBuilderList()
        .forEach(SdsSecretConfig.Builder::clearSdsConfig);
    if (context.hasCombinedValidationContext()) {
      context
          .getCombinedValidationContextBuilder()
          .getValidationContextSdsSecretConfigBuilder()
          .clearSdsConfig();
    }
  }

  static <T extends Message> T unpack(Any any, Class<T> type) {
    try {
      return any.unpack(type);
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(
          "resource: " + any.getTypeUrl() + " (expected: " + type.getSimpleName() + ")", e);
    }
  }
}
