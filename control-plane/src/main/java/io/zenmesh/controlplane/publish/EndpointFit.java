package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.Custodian;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.EndpointSpec;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.extproc.signature.SchemeVerifier;
import io.zenmesh.xds.secret.SecretBytes;
import io.zenmesh.xds.secret.VerificationKey;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Asks the verification engine whether a value suits every endpoint that names its secret: a
 * processor would refuse the whole endpoint otherwise. Thread-safe.
 */
public final class EndpointFit implements Custodian.ValueCheck {
  private final StateReader state;
  private final OwnSchemes schemes;

  public EndpointFit(StateReader state, Catalogue catalogue) {
    this.state = state;
    this.schemes = new OwnSchemes(catalogue);
  }

  @Override
  public Optional<String> problem(SecretRef ref, SecretBytes value) {
    return state.read().endpoints().stream()
        .filter(it -> it.tenant().equals(ref.tenant()) && it.secrets().contains(ref.name()))
        .flatMap(it -> problem(it, ref, value).stream())
        .findFirst();
  }

  private Optional<String> problem(EndpointSpec endpoint, SecretRef ref, SecretBytes value) {
    SchemeVerifier.Settings settings =
        new SchemeVerifier.Settings(endpoint.policy().tolerance(), endpoint.policy().publicUrl());
    VerificationKey key =
        new VerificationKey(ref.name().value(), Instant.EPOCH, Optional.empty(), value);
    return schemes
        .find(endpoint.policy().scheme(), endpoint.policy().settings().definition())
        .flatMap(scheme -> {
          try {
            SchemeVerifier.prepare(scheme, settings, List.of(key));
            return Optional.empty();
          } catch (IllegalArgumentException e) {
            // The engine's text names the key and what it expects, never the key's bytes.
            return Optional.of("endpoint " + endpoint.policy().ref() + ": " + e.getMessage());
          }
        });
  }
}
