package io.zenmesh.controlplane.api;

import io.javalin.http.Context;
import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.xds.identity.SpiffeId;
import java.util.Optional;

/**
 * Finds out who calls: by a bearer token where one is shown, else by the client certificate.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>One credential decides: a token that opens nothing is not made good by a certificate. Nothing
 * is taken from a header that a certificate should say. JSON web tokens are not accepted, in no
 * form.
 */
final class Authenticator {
  private static final String BEARER = "Bearer ";

  private final ClientCertificate certificates;
  private final Credentials credentials;

  Authenticator(ClientCertificate certificates, Credentials credentials) {
    this.certificates = certificates;
    this.credentials = credentials;
  }

  Authentication authenticate(Context request) {
    Optional<String> authorization = Optional.ofNullable(request.header("Authorization"));
    if (authorization.isPresent()) {
      return authorization
          .filter(it -> it.regionMatches(true, 0, BEARER, 0, BEARER.length()))
          .map(it -> authentication(credentials.ofToken(it.substring(BEARER.length()))))
          .orElseGet(() -> unknown("nobody", "scheme_unknown"));
    }
    Optional<SpiffeId> shown = certificates.of(request);
    if (shown.isEmpty()) {
      return unknown("nobody", "no_credential");
    }
    return ClientCertificate.operator(shown.get()).isPresent()
        ? new Authentication.Known(new Caller.Operator(shown.get().toString()))
        : authentication(credentials.ofCertificate(shown.get()));
  }

  private static Authentication authentication(Credentials.Proof proof) {
    return switch (proof) {
      case Credentials.Proof.Proved(Caller.Member member) -> new Authentication.Known(member);
      case Credentials.Proof.Nothing(Actor claimed, String reason) ->
          new Authentication.Unknown(claimed, reason);
    };
  }

  private static Authentication unknown(String who, String reason) {
    return new Authentication.Unknown(new Actor(Actor.Kind.UNKNOWN, who), reason);
  }
}
