package io.zenmesh.xds.lint;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Somebody's own file: silent on what we render, and loud on every weakening of it. */
class EnvoyLinterTest {
  private static final String GOOD = OwnEnvoys.bootstrap();

  private static List<String> lint(String text) {
    return EnvoyLinter.lint(text).stream().map(EnvoyFinding::toString).toList();
  }

  @Test
  void E14_whatWeRender_hasNoFinding() {
    assertThat(lint(GOOD)).isEmpty();
    assertThat(lint(OwnEnvoys.mtlsBootstrap())).isEmpty();
    assertThat(lint(OwnEnvoys.json(GOOD))).isEmpty();
    assertThat(lint(OwnEnvoys.configDump())).isEmpty();
  }

  /** What it is, a text of the file, what stands there instead, and what is said. */
  static Stream<Arguments> weakened() {
    String filter = "- name: \"envoy.filters.http.rbac\"\n";
    String processor = "- name: \"envoy.filters.http.ext_proc\"\n";
    String route = "name: \"acme/orders\"\n";
    return Stream.of(
        edit(
            "fail open",
            "message_timeout: \"1s\"",
            "failure_mode_allow: true",
            "failure_mode_allow"),
        edit(
            "body not buffered",
            "request_body_mode: \"BUFFERED\"",
            "request_body_mode: NONE",
            "request_body_mode"),
        edit("body in part", "\"BUFFERED\"", "BUFFERED_PARTIAL", "request_body_mode"),
        edit("body streamed", "\"BUFFERED\"", "STREAMED", "request_body_mode"),
        edit(
            "headers skipped",
            "request_header_mode: \"SEND\"",
            "request_header_mode: SKIP",
            "request_header_mode"),
        edit(
            "trailers skipped",
            "request_trailer_mode: \"SEND\"",
            "request_trailer_mode: SKIP",
            "request_trailer_mode"),
        edit("no namespace", "metadata_options:", "x_metadata_options:", "known"),
        edit(
            "a mode that the processor chooses",
            "message_timeout: \"1s\"",
            "allow_mode_override: true",
            "allow_mode_override"),
        edit(
            "immediate responses off",
            "message_timeout: \"1s\"",
            "disable_immediate_response: true",
            "disable_immediate_response"),
        edit(
            "only watching",
            "message_timeout: \"1s\"",
            "observability_mode: true",
            "observability_mode"),
        edit(
            "a field newer than we know",
            "message_timeout: \"1s\"",
            "status_on_error: {code: OK}",
            "known fields"),
        edit(
            "filter switched off",
            processor,
            processor + "                    disabled: true\n",
            "filter field disabled"),
        edit(
            "gate switched off",
            filter,
            filter + "                    disabled: true\n",
            "filter field disabled"),
        edit(
            "filter not needed",
            processor,
            processor + "                    is_optional: true\n",
            "filter field is_optional"),
        edit("gate without its key", "bool_match: true", "bool_match: false", "bool_match"),
        edit("gate that lets all in", "bool_match: true", "present_match: true", "match"),
        edit(
            "gate only in the shadow",
            "rules_stat_prefix:",
            "shadow_rules_stat_prefix:",
            "shadow_rules_stat_prefix"),
        edit(
            "another filter between",
            filter,
            "- name: lua\n                    typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua}\n"
                + "                  "
                + filter,
            "no proof gate directly after"),
        edit(
            "another writer of the proof in front",
            processor,
            "- name: m\n                    typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.set_metadata.v3.Config}\n"
                + "                  "
                + processor,
            "is not known to leave proof and route alone"),
        edit("clients set result headers", "x-zen-(", "x-zan-(", "clients can set x-zen-"),
        edit(
            "upgrades",
            "route_config:",
            "upgrade_configs: [{upgrade_type: websocket}]\n                route_config:",
            "upgrade_configs"),
        edit(
            "upgrades by camel case",
            "route_config:",
            "upgradeConfigs: [{upgradeType: websocket}]\n                route_config:",
            "upgrade_configs"),
        edit("routes from elsewhere", "route_config:", "scoped_routes:", "scoped_routes"),
        edit(
            "internal redirect",
            "timeout: \"15s\"",
            "internal_redirect_policy: {}",
            "internal_redirect_policy"),
        edit(
            "a cluster of the client's choice",
            "timeout: \"15s\"",
            "cluster_header: x-cluster",
            "cluster_header"),
        edit("a route by another name", route, "name: orders\n", "names no endpoint"),
        edit(
            "filter switched off on a route",
            route,
            route
                + "                          typed_per_filter_config: {envoy.filters.http.rbac:"
                + " {\"@type\": type.googleapis.com/envoy.config.route.v3.FilterConfig, disabled:"
                + " true}}\n",
            "changes filter envoy.filters.http.rbac"),
        edit(
            "processor switched off on a host",
            "domains:\n",
            "typed_per_filter_config: {envoy.filters.http.ext_proc: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute,"
                + " disabled: true}}\n                      domains:\n",
            "changes filter envoy.filters.http.ext_proc"),
        edit(
            "gate opened for all routes",
            "name: \"ingress\"\n                  virtual_hosts",
            "name: i\n                  typed_per_filter_config: {envoy.filters.http.rbac:"
                + " {\"@type\": type.googleapis.com/envoy.extensions.filters.http.rbac.v3"
                + ".RBACPerRoute}}\n                  virtual_hosts",
            "changes filter envoy.filters.http.rbac"),
        edit(
            "a header that only the processor sets",
            route,
            route
                + "                          request_headers_to_add: [{header: {key: X-Zen-Tenant,"
                + " value: acme}}]\n",
            "sets a header under x-zen-"),
        edit(
            "a header that many servers read as one that only the processor sets",
            route,
            route
                + "                          request_headers_to_add: [{header: {key: x_zen_tenant,"
                + " value: acme}}]\n",
            "sets a header under x-zen-"),
        edit(
            "processor in the clear",
            "pipe:",
            "socket_address: {address: 127.0.0.1, port_value: 9000}\n                    x_pipe:",
            "asked in the clear"),
        edit(
            "abstract socket",
            "path: \"/run/zen/extproc.sock\"",
            "path: \"@zen\"",
            "asked in the clear"),
        edit(
            "processor's cluster missing",
            "- name: \"zen_extproc\"",
            "- name: \"other\"",
            "not in this file"),
        edit(
            "a key twice",
            "stat_prefix: \"ingress\"",
            "stat_prefix: a\n                stat_prefix: b",
            "twice"),
        edit("a port in hex", "port_value: 8080", "port_value: 0x1F90", "port that is not plain"),
        edit("a port in octal", "port_value: 8080", "port_value: 017620", "port that is not plain"),
        edit("a port as a fraction", "port_value: 8080", "port_value: 8080.0", "is not plain"),
        edit("an alias", "stat_prefix: \"ingress\"", "stat_prefix: *a", "alias"));
  }

  private static Arguments edit(String what, String from, String to, String said) {
    return Arguments.of(what, from, to, said);
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("weakened")
  void E14_weakenedFile_isFound(String what, String from, String to, String said) {
    int inFilters = GOOD.indexOf(from, GOOD.indexOf("http_filters:"));
    int at = inFilters < 0 ? GOOD.indexOf(from) : inFilters;
    assertThat(at).as(from).isNotNegative();
    String text = GOOD.substring(0, at) + to + GOOD.substring(at + from.length());
    // What cannot be read at all is a finding, too.
    assertThat(lint(text))
        .isNotEmpty()
        .anyMatch(line -> line.contains(said) || what.contains("alias"));
  }

  @Test
  void E14_finding_hasPlaceAndFix() {
    String text = GOOD.replace("message_timeout: \"1s\"", "failure_mode_allow: true");
    int line = (int) text.substring(0, text.indexOf("failure_mode_allow")).lines().count();
    assertThat(EnvoyLinter.lint(text))
        .filteredOn(finding -> finding.path().endsWith("failure_mode_allow"))
        .singleElement()
        .satisfies(finding -> {
          assertThat(finding.at().line()).isEqualTo(line);
          assertThat(finding.problem()).isEqualTo("is true (expected: false)");
          assertThat(finding.fix()).contains("zenctl envoy render");
        });
  }

  @Test
  void E14_missingGateOrProcessor_isFound() {
    assertThat(lint(OwnEnvoys.withoutFilter("envoy.filters.http.rbac")))
        .anyMatch(line -> line.contains("no proof gate directly after the processor"));
    assertThat(lint(OwnEnvoys.withoutFilter("envoy.filters.http.ext_proc")))
        .anyMatch(line -> line.contains("no external processor"));
  }

  @Test
  void E14_listenersThatAreElsewhere_areAFinding() {
    assertThat(lint("dynamic_resources:\n  lds_config: {ads: {}}\n"))
        .anyMatch(line -> line.startsWith("2:15: dynamic_resources.lds_config: listeners that"))
        .anyMatch(line -> line.contains("no listener asks the processor"));
    assertThat(lint(GOOD.replace("route_config:", "x:")))
        .anyMatch(line -> line.contains("field x"))
        .anyMatch(line -> line.contains("routes that are not in this file"));
    assertThat(lint("x: 1\n")).singleElement().asString().contains("neither a bootstrap");
    assertThat(lint("{")).singleElement().asString().contains("malformed");
  }
}
