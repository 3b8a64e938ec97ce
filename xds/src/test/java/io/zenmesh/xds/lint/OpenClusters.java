package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.RenderedFiles.AUTHORIZATION;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Rendered files in which another server than the processor could answer. */
final class OpenClusters {
  private static final String MTLS = OwnEnvoys.mtlsBootstrap();
  private static final String NAME = "- name: \"zen_extproc\"\n";
  private static final String TYPE = "\"@type\": type.googleapis.com/envoy.extensions.";
  private static final String TCP = "socket_address: {address: 127.0.0.1, port_value: 9}";

  private OpenClusters() {}

  /** As in {@link WeakenedFiles}. */
  static Stream<Arguments> all() {
    return Stream.concat(
        Stream.of(GUARDED, AUTHORIZATION, MTLS).flatMap(OpenClusters::ofAnyWay),
        Stream.concat(ofTls(), ofSecrets()));
  }

  private static Stream<Arguments> ofAnyWay(String file) {
    return Stream.of(
        field(
            file,
            "cluster_type: {name: a, typed_config: {"
                + TYPE
                + "clusters.aggregate.v3.ClusterConfig, clusters: [other]}}",
            "cluster field cluster_type is not known"),
        field(
            file,
            "transport_socket_matches: [{name: m}]",
            "cluster field transport_socket_matches is not known"),
        field(file, "load_balancing_policy: {}", "cluster field load_balancing_policy"),
        field(file, "filters: [{name: f}]", "cluster field filters is not known"),
        type(file, "EDS"),
        type(file, "ORIGINAL_DST"),
        type(file, "LOGICAL_DNS"),
        type(file, "3"),
        after(
            file,
            "- endpoint:\n",
            "- endpoint:\n                  additional_addresses: [{address: {" + TCP + "}}]\n",
            "server field additional_addresses is not known"),
        after(
            file,
            "- lb_endpoints:\n",
            "- load_balancer_endpoints: {lb_endpoints: [{endpoint: {address: {"
                + TCP
                + "}}}]}\n          - lb_endpoints:\n",
            "locality field load_balancer_endpoints is not known"),
        after(
            file,
            "endpoints:\n",
            "named_endpoints: {a: {}}",
            "load assignment field named_endpoints is not known"),
        after(
            file,
            "explicit_http_config:",
            "http_filters: [{name: f}]",
            "HTTP options field http_filters is not known"));
  }

  private static Stream<Arguments> ofTls() {
    return Stream.of(
        after(MTLS, "trusted_ca:", "custom_validator_config: {name: x}", "custom_validator_config"),
        after(
            MTLS,
            "trusted_ca:",
            "trust_chain_verification: ACCEPT_UNTRUSTED",
            "trust_chain_verification"),
        after(MTLS, "trusted_ca:", "allow_expired_certificate: true", "allow_expired_certificate"),
        after(MTLS, "tls_params:", "custom_handshaker: {name: x}", "custom_handshaker"),
        swap(MTLS, "exact: \"spiffe://zen.example/extproc\"", "prefix: spiffe", "not proven"),
        swap(MTLS, "exact: \"spiffe://zen.example/extproc\"", "exact: \"\"", "not proven"),
        swap(MTLS, "san_type: \"URI\"", "san_type: OTHER_NAME", "not proven"));
  }

  /** Envoy joins what a secret says with what stands beside it. */
  private static Stream<Arguments> ofSecrets() {
    return Stream.of(
        secret("trust_chain_verification: ACCEPT_UNTRUSTED", "trust_chain_verification"),
        secret(
            "match_typed_subject_alt_names: [{san_type: URI, matcher: {prefix: spiffe}}]",
            "not proven"),
        secret("custom_validator_config: {name: x}", "custom_validator_config"));
  }

  private static Arguments secret(String more, String said) {
    String combined =
        edited(
            edited(MTLS, "  validation_context:", "  combined_validation_context:"),
            "trusted_ca:",
            "default_validation_context: {match_typed_subject_alt_names: [{san_type: URI, matcher:"
                + " {exact: \"spiffe://zen.example/extproc\"}}]}\n"
                + "              validation_context_sds_secret_config: {name: roots}\n"
                + "              x:");
    int names = combined.indexOf("match_typed_subject_alt_names:\n");
    int x = combined.indexOf("              x:");
    int end = combined.indexOf("            alpn_protocols", names);
    String text = combined.substring(0, x) + combined.substring(end);
    return whole(
        more,
        text.replace(
            "\n  secrets:\n",
            "\n  secrets:\n    - name: roots\n      validation_context: {trusted_ca: {filename:"
                + " /etc/zen/envoy/bundle.pem}, "
                + more
                + "}\n"),
        said);
  }

  private static Arguments type(String file, String type) {
    String now = file.equals(MTLS) ? "type: \"STRICT_DNS\"" : "type: \"STATIC\"";
    return swap(file, now, "type: " + type, "may lead to servers that are not in this file");
  }

  private static Arguments field(String file, String field, String said) {
    return whole(field, file.replace(NAME, NAME + "      " + field + "\n"), said);
  }

  /** With another field before one of this name, in the same mapping; or lines of its own. */
  private static Arguments after(String file, String text, String more, String said) {
    if (more.contains("\n")) {
      return swap(file, text, more, said);
    }
    int at = file.indexOf(text, file.indexOf(NAME));
    int column = at - file.lastIndexOf('\n', at) - 1;
    return swap(file, text, more + "\n" + " ".repeat(column) + text, said);
  }

  private static Arguments swap(String file, String from, String to, String said) {
    return whole(to, edited(file, from, to), said);
  }

  private static String edited(String file, String from, String to) {
    int at = file.indexOf(from, file.indexOf(NAME));
    return file.substring(0, at) + to + file.substring(at + from.length());
  }

  private static Arguments whole(String what, String file, String said) {
    return Arguments.of(List.of(what, file.length()).toString(), file, "", "", said);
  }
}
