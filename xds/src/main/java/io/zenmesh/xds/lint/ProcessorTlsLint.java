package io.zenmesh.xds.lint;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Judges TLS to the processor: whoever answers must be proven by roots and by an exact name. */
final class ProcessorTlsLint {
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  private static final Set<String> CONTEXT =
      Set.of("common_tls_context", "enforce_rsa_key_usage", "max_session_keys", "sni");
  private static final Set<String> COMMON =
      Set.of(
          "alpn_protocols",
          "combined_validation_context",
          "tls_certificate_sds_secret_configs",
          "tls_certificates",
          "tls_params",
          "validation_context");
  private static final Set<String> COMBINED =
      Set.of("default_validation_context", "validation_context_sds_secret_config");

  /** None of them lets somebody pass whom roots and name do not. */
  private static final Set<String> VALIDATION =
      Set.of(
          "crl",
          "match_typed_subject_alt_names",
          "max_verify_depth",
          "only_verify_leaf_cert_crl",
          "trusted_ca",
          "verify_certificate_hash",
          "verify_certificate_spki",
          "watched_directory");

  private static final Set<String> SAN_TYPES = Set.of("DNS", "IP_ADDRESS", "URI");

  private final EnvoyFile file;
  private final Findings findings;
  private final String fix;

  ProcessorTlsLint(EnvoyFile file, Findings findings, String fix) {
    this.file = file;
    this.findings = findings;
    this.fix = fix;
  }

  /**
   * @param socket the transport socket
   */
  void lint(Place socket) {
    only(socket, Set.of("name", "typed_config"), "transport socket");
    Optional<Place> context =
        socket.get("typed_config").filter(it -> it.type().equals(TLS)).map(Place::typed);
    Optional<Place> common = context.flatMap(it -> it.get("common_tls_context"));
    Optional<Place> combined = common.flatMap(it -> it.get("combined_validation_context"));
    Optional<Place> sds = combined.flatMap(it -> it.get("validation_context_sds_secret_config"));
    Optional<Place> secret =
        sds.flatMap(it -> Optional.ofNullable(file.secrets().get(it.text("name"))));
    List<Place> own =
        Stream.of(
                common.flatMap(it -> it.get("validation_context")),
                combined.flatMap(it -> it.get("default_validation_context")))
            .flatMap(Optional::stream)
            .toList();
    // Envoy joins the secret's to the others: a name that it admits is admitted.
    List<Place> all =
        Stream.concat(own.stream(), secret.flatMap(it -> it.get("validation_context")).stream())
            .toList();
    context.ifPresent(it -> only(it, CONTEXT, "TLS"));
    common.ifPresent(it -> only(it, COMMON, "TLS"));
    combined.ifPresent(it -> only(it, COMBINED, "TLS"));
    all.forEach(it -> only(it, VALIDATION, "TLS validation"));
    boolean roots =
        all.stream().anyMatch(it -> it.get("trusted_ca").isPresent())
            || sds.filter(it -> secret.isEmpty() && it.get("sds_config").isPresent()).isPresent();
    boolean named =
        own.stream().anyMatch(it -> !it.items("match_typed_subject_alt_names").isEmpty());
    boolean exact =
        all.stream()
            .flatMap(it -> it.items("match_typed_subject_alt_names").stream())
            .allMatch(ProcessorTlsLint::isExact);
    if (!roots || !named || !exact) {
      findings.add(
          socket.get("typed_config").orElse(socket),
          "who answers for the processor is not proven (expected: roots and an exact SAN)",
          fix);
    }
  }

  private static boolean isExact(Place name) {
    Optional<Place> matcher = name.get("matcher");
    return Set.of("san_type", "matcher").equals(name.fields().keySet())
        && SAN_TYPES.contains(name.text("san_type"))
        && matcher.filter(it -> it.fields().keySet().equals(Set.of("exact"))).isPresent()
        && !matcher.map(it -> it.text("exact")).orElse("").isEmpty();
  }

  private void only(Place place, Set<String> fields, String what) {
    findings.onlyFields(place, fields, "the processor's " + what);
  }
}
