package io.zenmesh.xds.lint;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Judges the way to the processor: whoever can answer in its place can vouch for any request, so it
 * is a Unix socket, or TLS to an exact name.
 */
final class ProcessorClusterLint {
  private static final String TLS = "envoy.extensions.transport_sockets.tls.v3.UpstreamTlsContext";
  private static final String FIX =
      "use a Unix socket, or TLS as 'zenctl envoy render --mode snippet --mtls HOST:PORT' prints it";

  private final EnvoyFile file;
  private final Findings findings;

  ProcessorClusterLint(EnvoyFile file, Findings findings) {
    this.file = file;
    this.findings = findings;
  }

  /**
   * @param name where the processor's filter names the cluster
   */
  void lint(Place name) {
    Optional<Place> found = name.text().map(file.clusters()::get).filter(it -> it != null);
    if (found.isEmpty()) {
      findings.add(
          name, "a cluster that is not in this file (expected: the processor's)", Findings.PASTE);
      return;
    }
    Place cluster = found.get();
    cluster
        .get("transport_socket_matches")
        .ifPresent(it -> findings.add(it, "not known (expected: one transport_socket)", FIX));
    Optional<Place> socket = cluster.get("transport_socket", "typed_config");
    if (socket.isPresent()) {
      tls(socket.get());
    } else if (!pipes(cluster)) {
      findings.add(
          cluster,
          "the processor is asked in the clear (expected: a Unix socket, or TLS to an exact name)",
          FIX);
    }
  }

  private static boolean pipes(Place cluster) {
    List<Place> addresses = new ArrayList<>();
    cluster
        .get("load_assignment")
        .ifPresent(assignment ->
            assignment
                .items("endpoints")
                .forEach(locality ->
                    locality
                        .items("lb_endpoints")
                        .forEach(it -> addresses.add(it.get("endpoint", "address").orElse(it)))));
    return !addresses.isEmpty()
        && addresses.stream()
            .allMatch(address ->
                // An abstract socket, which begins with @, has no file mode.
                address.get("pipe").map(pipe -> pipe.text("path")).orElse("").startsWith("/"));
  }

  private void tls(Place socket) {
    Optional<Place> context =
        socket.type().equals(TLS) ? socket.typed().get("common_tls_context") : Optional.empty();
    Optional<Place> combined =
        context.flatMap(it -> it.get("combined_validation_context", "default_validation_context"));
    Optional<Place> validation =
        context.flatMap(it -> it.get("validation_context")).or(() -> combined);
    boolean roots =
        validation.flatMap(it -> it.get("trusted_ca")).isPresent()
            || context
                .flatMap(it ->
                    it.get("combined_validation_context", "validation_context_sds_secret_config"))
                .isPresent();
    List<Place> names =
        validation.map(it -> it.items("match_typed_subject_alt_names")).orElse(List.of());
    boolean exact =
        !names.isEmpty()
            && names.stream()
                .allMatch(it ->
                    it.get("matcher", "exact")
                        .flatMap(Place::text)
                        .filter(t -> !t.isEmpty())
                        .isPresent());
    boolean loose =
        validation
            .filter(it ->
                it.get("trust_chain_verification").isPresent()
                    || it.get("allow_expired_certificate").isPresent())
            .isPresent();
    if (!roots || !exact || loose) {
      findings.add(
          socket,
          "who answers for the processor is not proven (expected: roots and an exact SAN)",
          FIX);
    }
  }
}
