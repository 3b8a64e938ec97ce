package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.RenderedFiles.AUTHORIZATION;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Rendered files, each with one text replaced by a weaker one. */
final class WeakenedFiles {
  private WeakenedFiles() {}

  /** What it is, the file, a text of it, what stands there instead, and what is said. */
  static Stream<Arguments> all() {
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
}
