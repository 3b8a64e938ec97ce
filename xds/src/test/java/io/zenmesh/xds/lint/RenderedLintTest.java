package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager;
import io.zenmesh.xds.lint.KnownEndpoints.Terms;
import io.zenmesh.xds.resource.ProcessorAddress;
import io.zenmesh.xds.resource.StandaloneEnvoy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever is rendered, by each of its ways, has no finding; each part of it weakened has one. */
class RenderedLintTest {
  private static final String DRY_RUN =
      OwnEnvoys.bootstrap(OwnEnvoys.DRY_RUN_ENDPOINTS, OwnEnvoys.SOCKET);
  private static final KnownEndpoints KNOWN = OwnEnvoys.known(OwnEnvoys.DRY_RUN_ENDPOINTS);
  private static final String GUARDED = OwnEnvoys.mesh(Weakened.guardedIngress());
  private static final String AUTHORIZATION = OwnEnvoys.mesh(Weakened.ingressByAuthorization());
  private static final String GUARDED_AUTHORIZATION =
      OwnEnvoys.mesh(Weakened.guardedByAuthorization());

  static Stream<Arguments> rendered() {
    KnownEndpoints mesh = OwnEnvoys.knownMesh();
    return Stream.concat(
        Stream.of(OwnEnvoys.SOCKET, OwnEnvoys.MTLS).flatMap(RenderedLintTest::rendered),
        Stream.of(
            Arguments.of(Named.of("mesh", OwnEnvoys.mesh(Weakened.ingress())), mesh),
            Arguments.of(Named.of("client certificates", GUARDED), mesh),
            Arguments.of(Named.of("ext_authz", AUTHORIZATION), mesh),
            Arguments.of(Named.of("ext_authz, client certificates", GUARDED_AUTHORIZATION), mesh)));
  }

  private static Stream<Arguments> rendered(ProcessorAddress processor) {
    return Stream.of(OwnEnvoys.ENDPOINTS, OwnEnvoys.DRY_RUN_ENDPOINTS)
        .flatMap(endpoints ->
            Stream.of(
                Arguments.of(
                    Named.of("static", OwnEnvoys.bootstrap(endpoints, processor)),
                    OwnEnvoys.known(endpoints)),
                Arguments.of(
                    Named.of("snippet", pasted(endpoints, processor)),
                    OwnEnvoys.known(endpoints))));
  }

  /** The page of docs/standalone.md in small: the four parts, each in its place. */
  private static String pasted(String endpoints, ProcessorAddress processor) {
    StandaloneEnvoy envoy = OwnEnvoys.envoy(endpoints, processor);
    return "static_resources:\n  listeners:\n    - name: edge\n      filter_chains:\n"
        + "        - filters:\n            - name: hcm\n              typed_config:\n"
        + "                \"@type\": type.googleapis.com/envoy.extensions.filters.network"
        + ".http_connection_manager.v3.HttpConnectionManager\n"
        + "                stat_prefix: edge\n"
        + "                common_http_protocol_options: {headers_with_underscores_action:"
        + " REJECT_REQUEST}\n"
        + "                early_header_mutation_extensions:\n"
        + envoy.headerMutation().indent(18)
        + "                route_config:\n                  name: edge\n"
        + "                  virtual_hosts:\n"
        + envoy.virtualHosts().indent(20)
        + "                http_filters:\n"
        + envoy.httpFilters().indent(18)
        + "                  - name: envoy.filters.http.router\n"
        + "                    typed_config: {\"@type\":"
        + " type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}\n"
        + "  clusters:\n"
        + (envoy.processorClusters() + envoy.upstreams()).indent(4);
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

  /** What it is, the file, a text of it, what stands there instead, and what is said. */
  static Stream<Arguments> weakened() {
    return Stream.of(
        edit(
            "no source filter",
            GUARDED,
            "- name: \"zen.filters.http.source\"",
            "- name: s",
            "zen.filters.http.source missing"),
        edit(
            "no rate limit filter",
            GUARDED,
            "- name: \"envoy.filters.http.local_ratelimit\"",
            "- name: r",
            "envoy.filters.http.local_ratelimit missing"),
        edit(
            "client filter off",
            GUARDED,
            "- name: \"zen.filters.http.client\"",
            "- disabled: true\n                    name: \"zen.filters.http.client\"",
            "zen.filters.http.client does something by itself"),
        edit(
            "source filter off on a route",
            GUARDED,
            "\"@type\": \"type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBACPerRoute\"\n                              rbac",
            "\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig\n                              disabled: true\n                              x",
            "does not refuse what it must"),
        edit(
            "client told of nobody's certificate",
            GUARDED,
            "combined_validation_context:",
            "x:",
            "nobody verified"),
        edit(
            "roots that are not there",
            GUARDED,
            "validation_context_sds_secret_config:",
            "x:",
            "no roots"),
        edit(
            "untrusted clients",
            GUARDED,
            "default_validation_context: {}",
            "default_validation_context: {trust_chain_verification: ACCEPT_UNTRUSTED}",
            "trust_chain_verification"),
        edit(
            "sessions resumed by ticket",
            GUARDED,
            "disable_stateless_session_resumption: true",
            "disable_stateless_session_resumption: false",
            "resumed session"),
        edit(
            "sessions resumed by id",
            GUARDED,
            "disable_stateful_session_resumption: true",
            "disable_stateful_session_resumption: false",
            "resumed session"),
        edit(
            "another server name",
            GUARDED,
            "server_names:\n              - \"mtls.acme.test\"",
            "server_names:\n              - other.test",
            "that this chain's TLS was not for"),
        edit(
            "an attribute less",
            GUARDED,
            "- \"connection.mtls\"",
            "- \"connection.tls_version\"",
            "request_attributes"),
        edit(
            "ext_authz fails open",
            AUTHORIZATION,
            "encode_raw_headers: true",
            "encode_raw_headers: true\n                      failure_mode_allow: true",
            "failure_mode_allow"),
        edit(
            "joined headers",
            AUTHORIZATION,
            "encode_raw_headers: true",
            "encode_raw_headers: false",
            "encode_raw_headers"),
        edit(
            "part of the body",
            AUTHORIZATION,
            "pack_as_bytes: true",
            "pack_as_bytes: true\n                        allow_partial_message: true",
            "allow_partial_message"),
        edit("no body", AUTHORIZATION, "with_request_body:", "x:", "known"),
        edit(
            "ext_proc's gate",
            AUTHORIZATION,
            "filter: \"envoy.filters.http.ext_authz\"",
            "filter: \"zen.gate\"",
            "filter"),
        edit(
            "trailers kept",
            AUTHORIZATION,
            "request_trailers_mutations",
            "response_trailers_mutations",
            "request trailers reach the upstream"),
        edit(
            "an endpoint of another form",
            AUTHORIZATION,
            "zen.endpoint: \"acme/orders\"",
            "zen.endpoint: orders",
            "names no endpoint"),
        edit(
            "no endpoint",
            AUTHORIZATION,
            "zen.endpoint: \"acme/orders\"",
            "other: \"acme/orders\"",
            "names no endpoint"),
        edit(
            "ext_authz off on a route",
            AUTHORIZATION,
            "check_settings:",
            "disabled: true\n                              x:",
            "changes filter envoy.filters.http.ext_authz"),
        edit(
            "a body left out on a route",
            AUTHORIZATION,
            "check_settings:",
            "check_settings:\n                                disable_request_body_buffering: true",
            "changes filter envoy.filters.http.ext_authz"));
  }

  private static Arguments edit(String what, String file, String from, String to, String said) {
    return Arguments.of(what, file, from, to, said);
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
