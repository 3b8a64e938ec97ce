package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** The host of the sample mesh that asks for client certificates, and its chain made weaker. */
final class ClientHost {
  static final String HOST = "ingress/mtls.acme.test";

  private ClientHost() {}

  /** Changes after which the chain asks for less. */
  static Stream<Named<Consumer<FilterChain.Builder>>> weaker() {
    return Stream.of(
        Named.of("every server name", FilterChain.Builder::clearFilterChainMatch),
        Named.of(
            "another server name", c -> c.getFilterChainMatchBuilder().addServerNames("b.test")),
        Named.of(
            "a server name by wildcard",
            c -> c.getFilterChainMatchBuilder().setServerNames(0, "*.acme.test")),
        Named.of("no TLS", FilterChain.Builder::clearTransportSocket),
        Named.of(
            "no validation",
            c -> tls(c, t -> t.getCommonTlsContextBuilder().clearValidationContextType())),
        Named.of(
            "roots that are not there",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getValidationContextSdsSecretConfigBuilder()
                            .setName("nobody"))),
        Named.of("another tenant's roots", c -> roots(c, "secret/globex/client-ca")),
        Named.of(
            "a certificate as roots",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getValidationContextSdsSecretConfigBuilder()
                            .setName("edge-tls"))),
        Named.of(
            "an untrusted certificate accepted",
            c ->
                tls(
                    c,
                    t ->
                        t.getCommonTlsContextBuilder()
                            .getCombinedValidationContextBuilder()
                            .getDefaultValidationContextBuilder()
                            .setTrustChainVerificationValue(1))),
        Named.of(
            "sessions resumed by ticket",
            c -> tls(c, DownstreamTlsContext.Builder::clearDisableStatelessSessionResumption)),
        Named.of(
            "sessions resumed by id",
            c -> tls(c, t -> t.setDisableStatefulSessionResumption(false))));
  }

  static void roots(FilterChain.Builder chain, String name) {
    tls(
        chain,
        tls ->
            tls.getCommonTlsContextBuilder()
                .getCombinedValidationContextBuilder()
                .getValidationContextSdsSecretConfigBuilder()
                .setName(name));
  }

  static void tls(FilterChain.Builder chain, Consumer<DownstreamTlsContext.Builder> change) {
    DownstreamTlsContext.Builder context =
        Weakened.unpack(chain.getTransportSocket().getTypedConfig(), DownstreamTlsContext.class)
            .toBuilder();
    change.accept(context);
    chain.getTransportSocketBuilder().setTypedConfig(Any.pack(context.build()));
  }

  static Listener listener() {
    return Weakened.get(
        Weakened.guardedIngress(), ResourceType.LISTENER, "ingress", Listener.class);
  }

  static RouteConfiguration routes() {
    return Weakened.get(
        Weakened.guardedIngress(), ResourceType.ROUTE, HOST, RouteConfiguration.class);
  }

  /** Where the chain of the host stands. */
  static int index(Listener.Builder listener) {
    for (int i = 0; i < listener.getFilterChainsCount(); i++) {
      if (listener.getFilterChains(i).getName().equals(HOST)) {
        return i;
      }
    }
    throw new AssertionError(HOST);
  }

  static FilterChain.Builder chain(Listener.Builder listener) {
    return listener.getFilterChainsBuilder(index(listener));
  }
}
