package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.core.v3.ExtensionConfigSource;
import io.envoyproxy.envoy.config.listener.v3.Filter;
import io.envoyproxy.envoy.config.listener.v3.FilterChain;
import io.envoyproxy.envoy.config.listener.v3.Listener;
import io.envoyproxy.envoy.config.route.v3.RouteConfiguration;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExternalProcessor;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.BodySendMode;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ProcessingMode.HeaderSendMode;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager.UpgradeConfig;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.zenmesh.xds.snapshot.ResourceType;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class WeakerListenerTest {
  private static final int PROCESSOR = 3;
  private static final int GATE = 4;
  private static final int ROUTER = 5;

  static Stream<Named<Consumer<ExternalProcessor.Builder>>> processors() {
    return Stream.of(
        Named.of("failure_mode_allow", p -> p.setFailureModeAllow(true)),
        Named.of("allow_mode_override", p -> p.setAllowModeOverride(true)),
        Named.of("disable_immediate_response", p -> p.setDisableImmediateResponse(true)),
        Named.of("observability_mode", p -> p.setObservabilityMode(true)),
        Named.of("BUFFERED_PARTIAL", p -> body(p, BodySendMode.BUFFERED_PARTIAL)),
        Named.of("STREAMED", p -> body(p, BodySendMode.STREAMED)),
        Named.of("FULL_DUPLEX_STREAMED", p -> body(p, BodySendMode.FULL_DUPLEX_STREAMED)),
        Named.of("NONE", p -> body(p, BodySendMode.NONE)),
        Named.of(
            "trailers SKIP",
            p -> p.getProcessingModeBuilder().setRequestTrailerMode(HeaderSendMode.SKIP)),
        Named.of(
            "trailers DEFAULT",
            p -> p.getProcessingModeBuilder().setRequestTrailerMode(HeaderSendMode.DEFAULT)),
        Named.of(
            "headers SKIP",
            p -> p.getProcessingModeBuilder().setRequestHeaderMode(HeaderSendMode.SKIP)),
        Named.of("no processing_mode", ExternalProcessor.Builder::clearProcessingMode),
        Named.of(
            "route cache CLEAR",
            p -> p.setRouteCacheAction(ExternalProcessor.RouteCacheAction.CLEAR)),
        Named.of(
            "route cache DEFAULT",
            p -> p.setRouteCacheAction(ExternalProcessor.RouteCacheAction.DEFAULT)),
        Named.of("no mutation_rules", ExternalProcessor.Builder::clearMutationRules),
        Named.of("no metadata_options", ExternalProcessor.Builder::clearMetadataOptions),
        Named.of("an attribute that nobody reads", p -> p.addRequestAttributes("source.address")),
        Named.of("no message_timeout", ExternalProcessor.Builder::clearMessageTimeout),
        Named.of(
            "message_timeout 0.5 s",
            p -> p.getMessageTimeoutBuilder().setSeconds(0).setNanos(500_000_000)),
        Named.of("message_timeout 10 s", p -> p.getMessageTimeoutBuilder().setSeconds(10)),
        Named.of(
            "another processor",
            p -> p.getGrpcServiceBuilder().getEnvoyGrpcBuilder().setClusterName("zen_egress")),
        Named.of("a field newer than the classes", p -> p.setUnknownFields(Weakened.unknown())));
  }

  @ParameterizedTest
  @MethodSource("processors")
  void E14_weakerProcessor_isAFinding(Consumer<ExternalProcessor.Builder> change) {
    assertThat(
            lintManager(manager -> {
              HttpFilter.Builder filter = manager.getHttpFiltersBuilder(PROCESSOR);
              ExternalProcessor.Builder processor =
                  Weakened.unpack(filter.getTypedConfig(), ExternalProcessor.class).toBuilder();
              change.accept(processor);
              filter.setTypedConfig(Any.pack(processor.build()));
            }))
        .isNotEmpty();
  }

  static Stream<Named<Consumer<RBAC.Builder>>> gates() {
    return Stream.of(
        Named.of("no rules", RBAC.Builder::clearRules),
        Named.of("shadow rules only", gate -> gate.setShadowRules(gate.getRules()).clearRules()),
        Named.of(
            "DENY",
            gate ->
                gate.getRulesBuilder()
                    .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.DENY)),
        Named.of(
            "LOG",
            gate ->
                gate.getRulesBuilder()
                    .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.LOG)),
        Named.of(
            "a second policy",
            gate ->
                gate.getRulesBuilder()
                    .putPolicies(
                        "all",
                        io.envoyproxy.envoy.config.rbac.v3.Policy.newBuilder()
                            .addPermissions(
                                io.envoyproxy.envoy.config.rbac.v3.Permission.newBuilder()
                                    .setAny(true))
                            .addPrincipals(
                                io.envoyproxy.envoy.config.rbac.v3.Principal.newBuilder()
                                    .setAny(true))
                            .build())),
        Named.of(
            "any permission",
            gate ->
                gate.getRulesBuilder()
                    .putPolicies(
                        "verified",
                        gate.getRules().getPoliciesOrThrow("verified").toBuilder()
                            .setPermissions(
                                0,
                                io.envoyproxy.envoy.config.rbac.v3.Permission.newBuilder()
                                    .setAny(true))
                            .build())));
  }

  @ParameterizedTest
  @MethodSource("gates")
  void E14_weakerGate_isAFinding(Consumer<RBAC.Builder> change) {
    assertThat(
            lintManager(manager -> {
              HttpFilter.Builder filter = manager.getHttpFiltersBuilder(GATE);
              RBAC.Builder gate = Weakened.unpack(filter.getTypedConfig(), RBAC.class).toBuilder();
              change.accept(gate);
              filter.setTypedConfig(Any.pack(gate.build()));
            }))
        .isNotEmpty();
  }

  static Stream<Named<Consumer<HttpConnectionManager.Builder>>> managers() {
    HttpFilter other =
        HttpFilter.newBuilder()
            .setName("envoy.filters.http.set_metadata")
            .setTypedConfig(Any.newBuilder().setTypeUrl("type.googleapis.com/x.SetMetadata"))
            .build();
    return Stream.of(
        Named.of("no gate", m -> m.removeHttpFilters(GATE)),
        Named.of("no processor", m -> m.removeHttpFilters(PROCESSOR)),
        Named.of("no source filter", m -> m.removeHttpFilters(0)),
        Named.of("no client filter", m -> m.removeHttpFilters(1)),
        Named.of("no rate limit filter", m -> m.removeHttpFilters(2)),
        Named.of("rate limit first", m -> swap(m, 0, 2)),
        Named.of("source filter after the processor", m -> swap(m, 0, PROCESSOR)),
        Named.of("client filter disabled", m -> m.getHttpFiltersBuilder(1).setDisabled(true)),
        Named.of("gate first", m -> swap(m, PROCESSOR, GATE)),
        Named.of("gate after the router", m -> swap(m, GATE, ROUTER)),
        Named.of("a filter before the gate", m -> m.addHttpFilters(GATE, other)),
        Named.of("a filter after the gate", m -> m.addHttpFilters(ROUTER, other)),
        Named.of("a filter before the processor", m -> m.addHttpFilters(PROCESSOR, other)),
        Named.of("processor disabled", m -> m.getHttpFiltersBuilder(PROCESSOR).setDisabled(true)),
        Named.of("gate disabled", m -> m.getHttpFiltersBuilder(GATE).setDisabled(true)),
        Named.of("processor optional", m -> m.getHttpFiltersBuilder(PROCESSOR).setIsOptional(true)),
        Named.of(
            "gate by ECDS",
            m ->
                m.getHttpFiltersBuilder(GATE)
                    .setConfigDiscovery(ExtensionConfigSource.getDefaultInstance())),
        Named.of(
            "websocket upgrade",
            m -> m.addUpgradeConfigs(UpgradeConfig.newBuilder().setUpgradeType("websocket"))),
        Named.of("CONNECT", m -> m.getHttp2ProtocolOptionsBuilder().setAllowConnect(true)),
        Named.of(
            "HTTP/1 trailers dropped",
            m -> m.getHttpProtocolOptionsBuilder().setEnableTrailers(false)),
        Named.of(
            "no strip rule", HttpConnectionManager.Builder::clearEarlyHeaderMutationExtensions),
        Named.of("no normalisation", HttpConnectionManager.Builder::clearNormalizePath),
        Named.of("no request_timeout", HttpConnectionManager.Builder::clearRequestTimeout),
        Named.of("request_timeout 0", m -> m.getRequestTimeoutBuilder().clear()),
        Named.of(
            "routes in the listener",
            m -> m.setRouteConfig(RouteConfiguration.getDefaultInstance())),
        Named.of("an unknown field", m -> m.setUnknownFields(Weakened.unknown())));
  }

  @ParameterizedTest
  @MethodSource("managers")
  void E14_weakerConnectionManager_isAFinding(Consumer<HttpConnectionManager.Builder> change) {
    assertThat(lintManager(change)).isNotEmpty();
  }

  static Stream<Named<Consumer<Listener.Builder>>> listeners() {
    return Stream.of(
        Named.of("no TLS", l -> l.getFilterChainsBuilder(0).clearTransportSocket()),
        Named.of(
            "a second chain", l -> l.addFilterChains(FilterChain.newBuilder().setName("open"))),
        Named.of("a default chain", l -> l.setDefaultFilterChain(FilterChain.getDefaultInstance())),
        Named.of(
            "a second filter",
            l -> l.getFilterChainsBuilder(0).addFilters(0, Filter.getDefaultInstance())),
        Named.of("no buffer limit", Listener.Builder::clearPerConnectionBufferLimitBytes),
        Named.of(
            "a buffer below the largest body",
            l -> l.getPerConnectionBufferLimitBytesBuilder().setValue(1024 * 1024)),
        Named.of(
            "a buffer above what the processor takes",
            l -> l.getPerConnectionBufferLimitBytesBuilder().setValue(4 * 1024 * 1024 + 1)),
        Named.of(
            "a buffer of 4 GiB", l -> l.getPerConnectionBufferLimitBytesBuilder().setValue(-1)),
        Named.of("a Unix socket", l -> l.getAddressBuilder().getPipeBuilder().setPath("/x")),
        Named.of("another name", l -> l.setName("other")));
  }

  @ParameterizedTest
  @MethodSource("listeners")
  void E14_weakerListener_isAFinding(Consumer<Listener.Builder> change) {
    Listener.Builder listener =
        Weakened.get(Weakened.ingress(), ResourceType.LISTENER, "ingress", Listener.class)
            .toBuilder();
    change.accept(listener);
    assertThat(
            Weakened.lint(Weakened.ingress(), ResourceType.LISTENER, "ingress", listener.build()))
        .isNotEmpty();
  }

  private static void body(ExternalProcessor.Builder processor, BodySendMode mode) {
    processor.getProcessingModeBuilder().setRequestBodyMode(mode);
  }

  private static void swap(HttpConnectionManager.Builder manager, int first, int second) {
    HttpFilter filter = manager.getHttpFilters(first);
    manager.setHttpFilters(first, manager.getHttpFilters(second)).setHttpFilters(second, filter);
  }

  private static List<Finding> lintManager(Consumer<HttpConnectionManager.Builder> change) {
    Listener.Builder listener =
        Weakened.get(Weakened.ingress(), ResourceType.LISTENER, "ingress", Listener.class)
            .toBuilder();
    Filter.Builder filter = listener.getFilterChainsBuilder(0).getFiltersBuilder(0);
    HttpConnectionManager.Builder manager =
        Weakened.unpack(filter.getTypedConfig(), HttpConnectionManager.class).toBuilder();
    change.accept(manager);
    filter.setTypedConfig(Any.pack(manager.build()));
    return Weakened.lint(Weakened.ingress(), ResourceType.LISTENER, "ingress", listener.build());
  }
}
