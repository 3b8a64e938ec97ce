package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.RenderedFiles.AUTHORIZATION;
import static io.zenmesh.xds.lint.RenderedFiles.DRY_RUN;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED_AUTHORIZATION;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.zenmesh.xds.lint.KnownEndpoints.Terms;
import io.zenmesh.xds.standalone.StandaloneEndpoint;
import io.zenmesh.xds.standalone.StandaloneEndpoint.Way;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is rendered, by each of its ways, has no finding; each part of it weakened has one. */
class RenderedLintTest {
  private static final KnownEndpoints KNOWN = OwnEnvoys.known(OwnEnvoys.DRY_RUN_ENDPOINTS);

  static Stream<Arguments> rendered() {
    return RenderedFiles.all();
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("rendered")
  void E14_whatIsRendered_hasNoFinding(String file, KnownEndpoints known) {
    assertThat(EnvoyLinter.lint(file, known)).isEmpty();
    assertThat(EnvoyLinter.lint(OwnEnvoys.configDump(file), known)).isEmpty();
  }

  @Test
  void E14_dryRun_isAFindingForEachEndpoint_unlessItsFileSaysSo() {
    assertThat(EnvoyLinter.lint(DRY_RUN))
        .hasSize(2)
        .allSatisfy(finding -> {
          assertThat(finding.path()).endsWith("typed_per_filter_config[envoy.filters.http.rbac]");
          assertThat(finding.problem())
              .contains("only where the endpoints file says enforce: false");
          assertThat(finding.fix()).contains("-f endpoints.yaml");
        });
    assertThat(EnvoyLinter.lint(DRY_RUN, with("acme/orders", new Terms(true, false))))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.path()).contains("virtual_hosts[0].routes[0]");
          assertThat(finding.fix()).contains("enforce: false");
        });
  }

  @Test
  void E14_dryRunOfAHost_isAFinding_whateverTheFileSays() {
    String everywhere =
        OwnEnvoys.changed(
            DRY_RUN,
            0,
            (chain, manager) -> {
              Any override =
                  route(manager, 0, 0).getTypedPerFilterConfigOrThrow("envoy.filters.http.rbac");
              manager
                  .getRouteConfigBuilder()
                  .getVirtualHostsBuilder(0)
                  .putTypedPerFilterConfig("envoy.filters.http.rbac", override);
            });
    assertThat(EnvoyLinter.lint(everywhere, KNOWN)).hasSize(1);
  }

  private static Route.Builder route(HttpConnectionManager.Builder manager, int host, int route) {
    return manager.getRouteConfigBuilder().getVirtualHostsBuilder(host).getRoutesBuilder(route);
  }

  private static KnownEndpoints with(String endpoint, Terms terms) {
    Map<String, Terms> all = new HashMap<>(KNOWN.byName());
    all.put(endpoint, terms);
    return new KnownEndpoints(all);
  }

  @Test
  void E14_everyFieldOfADryRun_flipped_isAFinding() {
    Message dryRun =
        Weakened.unpack(
            OwnEnvoys.manager(DRY_RUN, 0)
                .getRouteConfig()
                .getVirtualHosts(0)
                .getRoutes(0)
                .getTypedPerFilterConfigOrThrow("envoy.filters.http.rbac"),
            RBACPerRoute.class);
    assertThat(unseen(DRY_RUN, 0, 0, "envoy.filters.http.rbac", dryRun, KNOWN, 100)).isEmpty();
  }

  @Test
  void E14_hiddenResponse_isAFinding_whereTheSchemeNeedsIt() {
    String hidden =
        OwnEnvoys.changed(
            DRY_RUN, 0, (chain, manager) -> route(manager, 0, 1).clearTypedPerFilterConfig());
    assertThat(EnvoyLinter.lint(hidden, KNOWN))
        .singleElement()
        .asString()
        .contains("acme/payments hides the response");
    assertThat(EnvoyLinter.lint(hidden, with("acme/payments", new Terms(true, false)))).isEmpty();
    assertThat(
            EnvoyLinter.lint(
                DRY_RUN, new KnownEndpoints(Map.of("acme/orders", new Terms(false, false)))))
        .extracting(EnvoyFinding::problem)
        .anyMatch(problem -> problem.startsWith("acme/payments is not in the endpoints file"));
  }

  @Test
  void E14_everyFieldOfTheAccessFiltersOfARoute_flipped_isAFinding() {
    for (String file : List.of(GUARDED, GUARDED_AUTHORIZATION)) {
      int chain = chain(file, "ingress/mtls.acme.test");
      Set<String> unseen = new TreeSet<>();
      OwnEnvoys.manager(file, chain)
          .getRouteConfig()
          .getVirtualHosts(0)
          .getRoutes(0)
          .getTypedPerFilterConfigMap()
          .forEach((filter, config) -> {
            if (!filter.equals("envoy.filters.http.ext_authz")) {
              unseen.addAll(
                  unseen(file, chain, 0, filter, unpack(config), OwnEnvoys.knownMesh(), 15));
            }
          });
      String principal = "rbac.rules.policies.value.principals.not_id.or_ids.ids.";
      assertThat(unseen)
          .containsExactlyInAnyOrder(
              // Another name, network or rate, each well-formed.
              principal + "authenticated.principal_name.exact",
              principal + "direct_remote_ip.prefix_len.value",
              "token_bucket.max_tokens",
              "token_bucket.tokens_per_fill.value");
    }
  }

  private static Message unpack(Any config) {
    return config.is(RBACPerRoute.class)
        ? Weakened.unpack(config, RBACPerRoute.class)
        : Weakened.unpack(config, LocalRateLimit.class);
  }

  private static int chain(String file, String name) {
    for (int i = 0; ; i++) {
      if (OwnEnvoys.manager(file, i).getRouteConfig().getName().equals(name)) {
        return i;
      }
    }
  }

  /** Each a text of a file of ext_proc's door or ext_authz's, and what is said of its change. */
  static Stream<Arguments> ofAnotherWay() {
    Way way =
        new Way("hooks.acme.example", "/orders", new StandaloneEndpoint.Upstream.Named("orders"));
    Way mesh =
        new Way("hooks.acme.test", "/acme/orders", new StandaloneEndpoint.Upstream.Named("orders"));
    String host = "a host that is not acme/orders's";
    String path = "a path that is not acme/orders's";
    return Stream.of(
        Arguments.of(DRY_RUN, way, "path: \"/orders\"", "prefix: /orders", path),
        Arguments.of(DRY_RUN, way, "path: \"/orders\"", "path: /Orders", path),
        Arguments.of(DRY_RUN, way, "- \"hooks.acme.example\"", "- \"*\"", host),
        Arguments.of(AUTHORIZATION, mesh, "path: \"/acme/orders\"", "path: /acme/other", path),
        Arguments.of(AUTHORIZATION, mesh, "- \"hooks.acme.test:*\"", "- acme.test:443", host));
  }

  @ParameterizedTest
  @MethodSource("ofAnotherWay")
  void E14_routeOfAnotherWay_isAFinding_whereTheEndpointSaysIts(
      String file, Way way, String from, String to, String said) {
    Map<String, Terms> all = new HashMap<>(OwnEnvoys.knownMesh().byName());
    all.put("acme/orders", new Terms(file.equals(AUTHORIZATION), false, Optional.of(way)));
    KnownEndpoints known = new KnownEndpoints(all);
    assertThat(file).contains(from);
    assertThat(EnvoyLinter.lint(file, known)).isEmpty();
    assertThat(EnvoyLinter.lint(file.replace(from, to), known))
        .extracting(EnvoyFinding::problem)
        .anyMatch(problem -> problem.startsWith(said));
  }

  private static Set<String> unseen(
      String file,
      int chain,
      int route,
      String filter,
      Message config,
      KnownEndpoints known,
      int atLeast) {
    List<Flips.Flip> flips = Flips.of(config);
    assertThat(flips.size()).as(filter).isGreaterThan(atLeast);
    Set<String> unseen = new TreeSet<>();
    for (Flips.Flip flip : flips) {
      String changed =
          OwnEnvoys.changed(
              file,
              chain,
              (unused, manager) ->
                  route(manager, 0, route)
                      .putTypedPerFilterConfig(filter, Any.pack(flip.changed())));
      if (EnvoyLinter.lint(changed, known).isEmpty()) {
        unseen.add(flip.path());
      }
    }
    return unseen;
  }

  static Stream<Arguments> weakened() {
    return Stream.of(WeakenedFiles.all(), OpenFiles.all(), OpenClusters.all(), OpenRoutes.all())
        .flatMap(each -> each);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("weakened")
  void E14_weakenedFile_isFound(String what, String file, String from, String to, String said) {
    int at = file.indexOf(from);
    assertThat(at).as(from).isNotNegative();
    assertThat(
            EnvoyLinter.lint(
                file.substring(0, at) + to + file.substring(at + from.length()),
                OwnEnvoys.knownMesh()))
        .extracting(EnvoyFinding::toString)
        .anyMatch(line -> line.contains(said));
  }

  @Test
  void E14_gateOrTrailers_takenFromBehindExtAuthz_areFound() {
    for (String name : List.of("envoy.filters.http.rbac", "envoy.filters.http.header_mutation")) {
      String without =
          OwnEnvoys.changed(
              AUTHORIZATION,
              0,
              (chain, manager) -> {
                for (int i = manager.getHttpFiltersCount() - 1; i >= 0; i--) {
                  if (manager.getHttpFilters(i).getName().equals(name)) {
                    manager.removeHttpFilters(i);
                  }
                }
              });
      assertThat(EnvoyLinter.lint(without)).as(name).isNotEmpty();
    }
  }
}
