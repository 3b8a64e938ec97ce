package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeQuestions;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.SchemeSettings;
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
  private final OwnSchemeCheck own;

  SchemeCheck(Catalogue catalogue, Problems problems) {
    this.catalogue = catalogue;
    this.problems = problems;
    this.own = new OwnSchemeCheck(catalogue, problems);
  }

  void check(List<EndpointDocument> endpoints, List<SecretSpec> secrets) {
    Map<SecretRef, SecretBytes> values = new HashMap<>();
    for (SecretSpec secret : secrets) {
      if (secret.type() == SecretType.SIGNING) {
        secret.value().ifPresent(value -> values.put(secret.ref(), value));
      }
    }
    for (EndpointDocument endpoint : endpoints) {
      endpoint
          .scheme()
          .ifPresent(named ->
              scheme(endpoint, named)
                  .ifPresent(scheme -> {
                    suits(endpoint, scheme);
                    check(endpoint, named, scheme, values);
                  }));
    }
    own.checkTogether(endpoints);
  }

  private Optional<Scheme> scheme(EndpointDocument endpoint, Located<String> named) {
    if (endpoint.trust().definition().isPresent()) {
      return own.read(endpoint, named.value(), endpoint.trust().definition().get());
    }
    Optional<Scheme> scheme = catalogue.find(named.value());
    if (scheme.isEmpty()) {
      String known =
          catalogue.schemes().stream().map(Scheme::name).sorted().collect(Collectors.joining(", "));
      problems.add(
          named.line(),
          endpoint.heading().subject(),
          "spec.scheme",
          "unknown",
          "one of " + known + ", or your own with schemeDefinition");
    }
    return scheme;
  }

  /** A setting that the scheme never asks for is a mistake, and its owner would rely on it. */
  private void suits(EndpointDocument endpoint, Scheme scheme) {
    SchemeSettings settings = endpoint.trust().settings();
    SchemeQuestions questions = SchemeQuestions.of(scheme);
    boolean fetches = scheme.keyPlaces().keySet().isPresent();
    if (settings.definition().isPresent() && endpoint.secrets().isEmpty() && !fetches) {
      problems.add(
          endpoint.trust().line(),
          endpoint.heading().subject(),
          "spec.secretRefs",
          "missing",
          "at least one, or a scheme with a key set to fetch");
    }
    require(
        endpoint,
        settings.topicArns().isEmpty() || scheme.keysAreNames(),
        "topicArns",
        "a scheme whose messages name topics, such as aws-sns");
    require(
        endpoint,
        !settings.autoConfirm() || (scheme.keysAreNames() && settings.definition().isEmpty()),
        "autoConfirm",
        "a scheme of the catalogue with subscriptions, such as aws-sns");
    require(
        endpoint,
        settings.handshakeUntil().isEmpty() || questions.handsOverSecret(),
        "handshakeUntil",
        "a scheme whose provider hands over its secret, such as asana");
    require(
        endpoint,
        endpoint.trust().verifyToken().isEmpty() || questions.showsVerifyToken(),
        "verifyTokenRef",
        "a scheme whose provider shows a token, such as meta");
  }

  private void require(EndpointDocument endpoint, boolean suits, String key, String expected) {
    if (!suits) {
      problems.add(
          endpoint.trust().line(),
          endpoint.heading().subject(),
          "spec." + key,
          "given",
          "only with " + expected);
    }
  }

  private void check(
      EndpointDocument endpoint,
      Located<String> named,
      Scheme scheme,
      Map<SecretRef, SecretBytes> values) {
    String subject = endpoint.heading().subject();
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
        SchemeVerifier.prepare(scheme, settings, List.of(key));
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
