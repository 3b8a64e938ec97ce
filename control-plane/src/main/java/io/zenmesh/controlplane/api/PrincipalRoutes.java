package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.tenant.ApiToken;
import io.zenmesh.controlplane.tenant.Credentials;
import io.zenmesh.controlplane.tenant.Principal;
import io.zenmesh.controlplane.tenant.PrincipalStore;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.core.JsonGenerator;
import tools.jackson.databind.JsonNode;

/**
 * Who may act within a tenant, and the tokens they act with. Thread-safe.
 *
 * <p>Nobody gives, takes or changes a role above the own one.
 */
public final class PrincipalRoutes implements RouteGroup {
  private final PrincipalStore store;
  private final Credentials credentials;
  private final Pages pages;
  private final ChangeRecord record;
  private final String trustDomain;
  private final InstantSource clock;

  /**
   * @param trustDomain of principals' certificates
   */
  public PrincipalRoutes(
      PrincipalStore store,
      Credentials credentials,
      Cursors cursors,
      ChangeRecord record,
      String trustDomain,
      InstantSource clock) {
    this.store = store;
    this.credentials = credentials;
    this.pages = new Pages(cursors);
    this.record = record;
    this.trustDomain = trustDomain;
    this.clock = clock;
  }

  private record PrincipalView(String name, String role, Optional<String> spiffeId) {
    static PrincipalView of(Principal principal) {
      return new PrincipalView(
          principal.name().value(),
          principal.role().word(),
          principal.spiffeId().map(SpiffeId::toString));
    }
  }

  private record TokenView(
      String id,
      String principal,
      String role,
      Instant created,
      Instant expires,
      Optional<Instant> revoked) {
    static TokenView of(ApiToken token) {
      return new TokenView(
          token.id(),
          token.principal().value(),
          token.role().word(),
          token.created(),
          token.expires(),
          token.revoked());
    }
  }

  @Override
  public Map<String, ApiHandler> handlers() {
    return Map.of(
        "listPrincipals", this::principals,
        "getPrincipal", this::principal,
        "putPrincipal", this::putPrincipal,
        "deletePrincipal", this::deletePrincipal,
        "listTokens", this::tokens,
        "getToken", this::token,
        "createToken", this::createToken,
        "revokeToken", this::revokeToken);
  }

  private Answer principals(ApiRequest request) {
    return pages.answer(
        request,
        (after, limit) -> store.principals(after.map(Name::new), limit),
        it -> it.name().value(),
        PrincipalView::of);
  }

  private Answer principal(ApiRequest request) {
    return store
        .principal(new Name(request.path("name")))
        .map(it -> Answer.tagged(200, PrincipalView.of(it)))
        .orElseGet(Answer::notFound);
  }

  private Answer putPrincipal(ApiRequest request) {
    JsonNode body = request.json();
    Name name = new Name(request.path("name"));
    Role role = Role.ofWord(body.path("role").asString()).orElseThrow();
    Optional<SpiffeId> id =
        Optional.ofNullable(body.get("spiffeId")).map(it -> it.asString()).flatMap(SpiffeId::parse);
    if (body.has("spiffeId")
        && id.filter(it -> it.trustDomain().equals(trustDomain))
            .filter(it -> Principal.belongs(it, request.tenant()))
            .isEmpty()) {
      return Answer.problem(
          Problem.Kind.BODY_MALFORMED,
          List.of(
              "/spiffeId: malformed (expected: spiffe://"
                  + trustDomain
                  + "/tenant/"
                  + request.tenant()
                  + "/...)"),
          request.correlation());
    }
    Optional<Principal> before = store.principal(name);
    if (!covers(request, role) || before.filter(it -> !covers(request, it.role())).isPresent()) {
      return aboveOwnRole(request);
    }
    if (!expected(request, before)) {
      return unexpected(request);
    }
    record.before(request, "principal.put", object(request, "principal", name.value()));
    Principal principal = new Principal(name, role, id);
    return switch (store.put(
        principal,
        now -> expected(request, now) && now.stream().allMatch(it -> covers(request, it.role())))) {
      case DONE -> Answer.tagged(before.isPresent() ? 200 : 201, PrincipalView.of(principal));
      case REFUSED, ABSENT ->
          Answer.problem(
              Problem.Kind.CONFLICT,
              List.of("/spiffeId: another principal has it (expected: each once)"),
              request.correlation());
      case UNEXPECTED -> unexpected(request);
    };
  }

  private static boolean expected(ApiRequest request, Optional<Principal> current) {
    return EntityTag.expected(request, current.map(PrincipalView::of));
  }

  private static Answer unexpected(ApiRequest request) {
    return Answer.problem(Problem.Kind.PRECONDITION_FAILED, List.of(), request.correlation());
  }

  private Answer deletePrincipal(ApiRequest request) {
    Name name = new Name(request.path("name"));
    Optional<Principal> before = store.principal(name);
    if (before.isEmpty()) {
      return Answer.notFound();
    }
    if (!covers(request, before.get().role())) {
      return aboveOwnRole(request);
    }
    if (!expected(request, before)) {
      return unexpected(request);
    }
    record.before(request, "principal.delete", object(request, "principal", name.value()));
    return switch (store.delete(
        name, now -> expected(request, Optional.of(now)) && covers(request, now.role()))) {
      case DONE -> Answer.empty(204);
      case ABSENT, REFUSED -> Answer.notFound();
      case UNEXPECTED -> unexpected(request);
    };
  }

  private Answer tokens(ApiRequest request) {
    return pages.answer(request, store::tokens, ApiToken::id, TokenView::of);
  }

  private Answer token(ApiRequest request) {
    return store
        .token(request.path("id"))
        .map(it -> Answer.tagged(200, TokenView.of(it)))
        .orElseGet(Answer::notFound);
  }

  private Answer createToken(ApiRequest request) {
    JsonNode body = request.json();
    Name name = new Name(body.path("principal").asString());
    Duration life = Duration.ofSeconds(body.path("lifeSeconds").asLong());
    Optional<Principal> principal = store.principal(name);
    if (principal.isEmpty()) {
      return noSuchPrincipal(request);
    }
    Role role =
        Optional.ofNullable(body.get("role"))
            .flatMap(it -> Role.ofWord(it.asString()))
            .orElse(principal.get().role());
    if (!covers(request, principal.get().role()) || !principal.get().role().covers(role)) {
      return aboveOwnRole(request);
    }
    record.before(request, "token.create", object(request, "principal", name.value()));
    Optional<Credentials.Issued> issued = credentials.issue(name, role, life);
    if (issued.isEmpty()) {
      return noSuchPrincipal(request);
    }
    try (Credentials.Issued token = issued.get()) {
      return new Answer(201, "application/json", Map.of(), shownOnce(token))
          .keeping(Answer.json(200, TokenView.of(token.token())));
    }
  }

  private Answer revokeToken(ApiRequest request) {
    String id = request.path("id");
    Optional<ApiToken> token = store.token(id);
    if (token.isEmpty()) {
      return Answer.notFound();
    }
    Optional<Principal> principal = store.principal(token.get().principal());
    if (principal.filter(it -> !covers(request, it.role())).isPresent()) {
      return aboveOwnRole(request);
    }
    if (!EntityTag.expected(request, token.map(TokenView::of))) {
      return unexpected(request);
    }
    record.before(request, "token.revoke", object(request, "token", id));
    return store.revoke(id, clock.instant()) ? Answer.empty(204) : Answer.notFound();
  }

  /** The one time that the token itself is written anywhere. */
  private static byte[] shownOnce(Credentials.Issued issued) {
    TokenView view = TokenView.of(issued.token());
    byte[] text = issued.text().copy(SecretAccess.granted());
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (JsonGenerator json = ApiJson.MAPPER.createGenerator(out)) {
      json.writeStartObject();
      json.writeStringProperty("id", view.id());
      json.writeStringProperty("principal", view.principal());
      json.writeStringProperty("role", view.role());
      json.writeStringProperty("created", view.created().toString());
      json.writeStringProperty("expires", view.expires().toString());
      json.writeName("token");
      json.writeUTF8String(text, 0, text.length);
      json.writeEndObject();
    } finally {
      Arrays.fill(text, (byte) 0);
    }
    return out.toByteArray();
  }

  private static boolean covers(ApiRequest request, Role role) {
    return request.caller().role().covers(role);
  }

  private static Answer aboveOwnRole(ApiRequest request) {
    return Answer.problem(
        Problem.Kind.ROLE_NOT_ALLOWED,
        List.of("role: above your own or the principal's (expected: at most that)"),
        request.correlation());
  }

  private static Answer noSuchPrincipal(ApiRequest request) {
    return Answer.problem(
        Problem.Kind.CONFLICT,
        List.of("/principal: unknown (expected: a principal of this tenant)"),
        request.correlation());
  }

  private static String object(ApiRequest request, String kind, String name) {
    return kind + "/" + request.tenant() + "/" + name;
  }
}
