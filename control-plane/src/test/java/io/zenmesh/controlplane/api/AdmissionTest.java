package io.zenmesh.controlplane.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.AuditUnavailableException;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.controlplane.tenant.Role;
import io.zenmesh.xds.model.Name;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AdmissionTest {
  private static final Name ACME = new Name("acme");
  private static final ApiContract CONTRACT =
      ApiContract.of(
          bytes(
              """
              paths:
                /v1/tenants/{tenant}/things:
                  get: {operationId: listThings}
                  put: {operationId: putThings}
                /v1/all:
                  get: {operationId: listAll}
              """));
  private static final AccessTable ACCESS =
      AccessTable.of(
          bytes(
              """
              listThings: {operator: allow, owner: allow, admin: allow, editor: allow, viewer: allow}
              putThings: {operator: deny, owner: allow, admin: allow, editor: allow, viewer: deny}
              listAll: {operator: allow, owner: deny, admin: deny, editor: deny, viewer: deny}
              """),
          CONTRACT);

  private final RecordedDecisions trail = new RecordedDecisions();
  private final Admission admission = new Admission(ACCESS, trail);

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private Admission.Decision decide(String operation, Caller caller, String tenant) {
    ApiOperation found =
        CONTRACT.operations().stream()
            .filter(it -> it.id().equals(operation))
            .findFirst()
            .orElseThrow();
    return admission.decide(
        found,
        new Authentication.Known(caller),
        Optional.of(tenant).filter(it -> found.ofTenant()),
        "correlation-1");
  }

  private static Caller member(Role role) {
    return new Caller.Member(ACME, new Name("ci"), role, "token/0001");
  }

  private static void assertRefused(Admission.Decision decision, Problem.Kind kind) {
    assertThat(decision).isEqualTo(new Admission.Decision.Refused(kind));
  }

  @Test
  void memberOfTheTenant_isLetInByItsRole() {
    assertThat(decide("listThings", member(Role.VIEWER), "acme"))
        .isInstanceOf(Admission.Decision.Admitted.class);
    assertRefused(decide("putThings", member(Role.VIEWER), "acme"), Problem.Kind.ROLE_NOT_ALLOWED);
    assertThat(decide("putThings", member(Role.EDITOR), "acme"))
        .isInstanceOf(Admission.Decision.Admitted.class);
    assertRefused(decide("listAll", member(Role.OWNER), ""), Problem.Kind.ROLE_NOT_ALLOWED);
  }

  @Test
  void H01_memberOfAnotherTenant_hearsTheSameWhateverTheRole() {
    for (Role role : List.of(Role.OWNER, Role.ADMIN, Role.EDITOR, Role.VIEWER)) {
      for (String operation : List.of("listThings", "putThings")) {
        for (String tenant : List.of("globex", "nobody", "", "ACME", "acme ", "../acme")) {
          assertRefused(decide(operation, member(role), tenant), Problem.Kind.NOT_FOUND);
        }
      }
    }
  }

  @Test
  void operator_isLetInByTheTableOnly() {
    Caller operator = new Caller.Operator("spiffe://zen.test/operator/admin");
    assertThat(decide("listThings", operator, "acme"))
        .isInstanceOf(Admission.Decision.Admitted.class);
    assertRefused(decide("putThings", operator, "acme"), Problem.Kind.ROLE_NOT_ALLOWED);
  }

  @Test
  void decisions_areOnTheChainOfTheCallersTenant() {
    decide("listThings", member(Role.VIEWER), "globex");
    decide("listThings", new Caller.Operator("spiffe://zen.test/operator/admin"), "globex");
    assertThat(trail.events.stream().map(it -> it.chain().value()))
        .containsExactly("acme", "acme", "system", "system");
    assertThat(trail.lines())
        .contains(
            "api.authenticate operation/listThings tenant/globex ALLOWED",
            "api.authorize operation/listThings tenant/globex DENIED other_tenant");
    assertThat(trail.events.getFirst().actor().id())
        .isEqualTo("tenant/acme/principal/ci by token/0001");
  }

  @Test
  void F32_recordFull_decidesNothing() {
    trail.full = true;
    assertThatThrownBy(() -> decide("listThings", member(Role.OWNER), "acme"))
        .isInstanceOf(AuditUnavailableException.class);
  }
}
