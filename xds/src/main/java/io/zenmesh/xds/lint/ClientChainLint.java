package io.zenmesh.xds.lint;

import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Judges a filter chain whose processor is told of client certificates: what it is told must have
 * been verified, on this connection, for the hosts that are served.
 */
final class ClientChainLint {
  private static final String TLS =
      "envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext";
  private static final Set<String> CONTEXT_FIELDS =
      Set.of(
          "crl",
          "match_typed_subject_alt_names",
          "max_verify_depth",
          "only_verify_leaf_cert_crl",
          "trusted_ca",
          "verify_certificate_hash",
          "verify_certificate_spki",
          "watched_directory");
  private static final String FIX =
      "verify client certificates as the control plane renders it, or do not tell the processor"
          + " of them";

  private final EnvoyFile file;
  private final Findings findings;

  ClientChainLint(EnvoyFile file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  /** Whether a chain asks for client certificates at all. */
  static boolean asks(Place chain) {
    return common(chain)
        .filter(it ->
            it.get("validation_context").isPresent()
                || it.get("validation_context_sds_secret_config").isPresent()
                || it.get("combined_validation_context").isPresent())
        .isPresent();
  }

  private static Optional<Place> context(Place chain) {
    return chain
        .get("transport_socket", "typed_config")
        .filter(it -> it.type().equals(TLS))
        .map(Place::typed);
  }

  private static Optional<Place> common(Place chain) {
    return context(chain).flatMap(it -> it.get("common_tls_context"));
  }

  void lint(Place chain, Optional<Place> routes) {
    Optional<Place> context = context(chain);
    if (context.isEmpty() || !asks(chain)) {
      findings.add(
          chain.get("transport_socket").orElse(chain),
          "the processor is told of client certificates that nobody verified (expected: a"
              + " DownstreamTlsContext with roots)",
          FIX);
      return;
    }
    roots(common(chain).orElseThrow());
    for (String resumption :
        List.of("disable_stateless_session_resumption", "disable_stateful_session_resumption")) {
      if (!context.get().text(resumption).equals("true")) {
        findings.add(
            context.get().get(resumption).orElse(context.get()),
            "a resumed session skips the client certificate (expected: " + resumption + ": true)",
            FIX);
      }
    }
    hosts(chain, routes);
  }

  private void roots(Place common) {
    Optional<Place> combined = common.get("combined_validation_context");
    Optional<Place> secret =
        common
            .get("validation_context_sds_secret_config")
            .or(() -> combined.flatMap(it -> it.get("validation_context_sds_secret_config")));
    List<Place> contexts =
        List.of(
                common.get("validation_context"),
                combined.flatMap(it -> it.get("default_validation_context")),
                secret
                    .flatMap(it -> Optional.ofNullable(file.secrets().get(it.text("name"))))
                    .flatMap(it -> it.get("validation_context")))
            .stream()
            .flatMap(Optional::stream)
            .toList();
    contexts.forEach(it -> findings.onlyFields(it, CONTEXT_FIELDS, "client validation"));
    if (secret.isEmpty() && contexts.stream().noneMatch(it -> it.get("trusted_ca").isPresent())) {
      findings.add(
          common, "no roots for client certificates (expected: trusted_ca, or an SDS secret)", FIX);
    }
  }

  /** A certificate shown to one host must count on no other. */
  private void hosts(Place chain, Optional<Place> routes) {
    List<String> served =
        chain
            .get("filter_chain_match")
            .map(match ->
                match.items("server_names").stream().flatMap(it -> it.text().stream()).toList())
            .orElse(List.of());
    for (Place host : routes.map(it -> it.items("virtual_hosts")).orElse(List.of())) {
      for (Place domain : host.items("domains")) {
        String name = domain.text().orElse("").replaceFirst(":(\\*|[0-9]+)$", "");
        if (name.contains("*") || !served.contains(name)) {
          findings.add(
              domain,
              "a host that this chain's TLS was not for (expected: one of its server_names, "
                  + served
                  + ")",
              "serve it from a chain of its own");
        }
      }
    }
  }
}
