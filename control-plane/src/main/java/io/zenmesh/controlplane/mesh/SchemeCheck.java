package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** Asks the verification engine whether each endpoint's secrets suit its scheme. */
final class SchemeCheck {
  private final Catalogue catalogue;
  private final Problems problems;

  SchemeCheck(Catalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
  }

  void check(List<EndpointDocument> endpoints, List<SecretSpec> secrets) {
    Map<SecretRef, SecretBytes> values = new HashMap<>();
    for (SecretSpec secret : secrets) {
      if (secret.type() == SecretType.SIGNING) {
        secret.value().ifPresent(value -> values.put(secret.ref(), value));
      }
    }
    for (EndpointDocument endpoint : endpoints) {
      endpoint.scheme().ifPresent(named -> check(endpoint, named, values));
    }
  }

  private void check(
      EndpointDocument endpoint, Located<String> named, Map<SecretRef, SecretBytes> values) {
    String subject = endpoint.heading().subject();
    Optional<Scheme> scheme = catalogue.find(named.value());
    if (scheme.isEmpty()) {
      String known =
          catalogue.schemes().stream().map(Scheme::name).sorted().collect(Collectors.joining(", "));
      problems.add(named.line(), subject, "spec.scheme", "unknown", "one of " + known);
      return;
    }
    SchemeVerifier.Settings settings =
        new SchemeVerifier.Settings(endpoint.rules().tolerance(), endpoint.rules().publicUrl());
    Name tenant = endpoint.heading().tenant().value();
    int index = 0;
    for (Located<Name> ref : endpoint.secrets()) {
      String path = "spec.secretRefs[" + index++ + "]";
      SecretBytes value = values.get(new SecretRef(tenant, ref.value()));
      if (value == null) {
        continue;
      }
      VerificationKey key =
          new VerificationKey(ref.value().value(), Instant.EPOCH, Optional.empty(), value);
      try {
        SchemeVerifier.prepare(scheme.get(), settings, List.of(key));
      } catch (IllegalArgumentException e) {
        // The engine's text names the key and what it expects, never the key's bytes.
        problems.add(
            ref.line(),
            subject,
            path + ": " + ref.value() + " does not suit " + named.value() + ": " + e.getMessage());
      }
    }
  }
}
