package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.controlplane.audit.AuditEvent;
import io.zenmesh.controlplane.audit.AuditEvent.Outcome;
import io.zenmesh.controlplane.audit.AuditTrail;
import io.zenmesh.controlplane.tenant.Caller;
import io.zenmesh.xds.model.Name;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Decides whether a caller may do what it asks, and has both decisions on record before anything
 * follows from them.
 *
 * <p>Members' decisions are on their tenant's chain, all others on the system's.
 */
final class Admission {
  private static final String AUTHENTICATE = "api.authenticate";
  private static final String AUTHORIZE = "api.authorize";

  private final AccessTable access;
  private final AuditTrail trail;

  Admission(AccessTable access, AuditTrail trail) {
    this.access = access;
    this.trail = trail;
  }

  /** Let in or not. */
  sealed interface Decision {
    /**
     * Let in.
     *
     * @param caller empty on an operation that is open to anyone
     */
    record Admitted(Optional<Caller> caller) implements Decision {}

    /** Not let in. */
    record Refused(Problem.Kind kind) implements Decision {}
  }

  /** Whether the operation is open to anyone: then nothing is decided, and nothing recorded. */
  boolean open(ApiOperation operation) {
    return access.anyone(operation.id());
  }

  /**
   * Decides and records.
   *
   * @param tenant the text in the path of a tenant's route; it need not name one
   * @throws io.zenmesh.controlplane.audit.AuditUnavailableException when it cannot be recorded
   */
  Decision decide(
      ApiOperation operation,
      Authentication authentication,
      Optional<String> tenant,
      String correlation) {
    return switch (authentication) {
      case Authentication.Unknown(Actor claimed, String reason) -> {
        trail.record(
            new AuditEvent(
                AuditEvent.SYSTEM,
                claimed,
                AUTHENTICATE,
                "operation/" + operation.id(),
                Outcome.DENIED,
                reason,
                correlation));
        yield new Decision.Refused(Problem.Kind.UNAUTHENTICATED);
      }
      case Authentication.Known(Caller caller) -> authorize(operation, caller, tenant, correlation);
    };
  }

  private Decision authorize(
      ApiOperation operation, Caller caller, Optional<String> tenant, String correlation) {
    Optional<Refusal> refusal = refusal(operation, caller, tenant);
    Name chain = caller instanceof Caller.Member member ? member.tenant() : AuditEvent.SYSTEM;
    String object =
        "operation/"
            + operation.id()
            + tenant.filter(Name::isValid).map(it -> " tenant/" + it).orElse("");
    List<AuditEvent> events = new ArrayList<>();
    events.add(
        new AuditEvent(
            chain, caller.actor(), AUTHENTICATE, object, Outcome.ALLOWED, "", correlation));
    events.add(
        new AuditEvent(
            chain,
            caller.actor(),
            AUTHORIZE,
            object,
            refusal.isPresent() ? Outcome.DENIED : Outcome.ALLOWED,
            refusal.map(Refusal::reason).orElse(""),
            correlation));
    trail.record(events);
    return refusal
        .<Decision>map(it -> new Decision.Refused(it.kind()))
        .orElseGet(() -> new Decision.Admitted(Optional.of(caller)));
  }

  private record Refusal(Problem.Kind kind, String reason) {}

  private Optional<Refusal> refusal(
      ApiOperation operation, Caller caller, Optional<String> tenant) {
    // Judged before the role, so that the answer is the same for every role and every tenant,
    // whether it exists or not.
    if (caller instanceof Caller.Member member
        && tenant.isPresent()
        && !tenant.get().equals(member.tenant().value())) {
      return Optional.of(new Refusal(Problem.Kind.NOT_FOUND, "other_tenant"));
    }
    return access.allows(operation.id(), caller.role())
        ? Optional.empty()
        : Optional.of(new Refusal(Problem.Kind.ROLE_NOT_ALLOWED, "role"));
  }
}
