package io.zenmesh.controlplane.tenant;

import io.zenmesh.controlplane.audit.Actor;
import io.zenmesh.xds.model.Name;

/**
 * Someone whose identity was proved. Immutable.
 *
 * @see Role
 */
public sealed interface Caller {
  /** What it may do, by the access table. */
  Role role();

  /** How the record names it. */
  Actor actor();

  /**
   * An operator of the platform.
   *
   * @param id the SPIFFE id of its certificate
   */
  record Operator(String id) implements Caller {
    @Override
    public Role role() {
      return Role.OPERATOR;
    }

    @Override
    public Actor actor() {
      return new Actor(Actor.Kind.PRINCIPAL, id);
    }
  }

  /**
   * A principal of one tenant.
   *
   * @param tenant the only tenant it can see
   * @param name the principal's
   * @param role of that tenant; at most the principal's own
   * @param credential the public id of what it showed
   */
  record Member(Name tenant, Name name, Role role, String credential) implements Caller {
    /**
     * @throws IllegalArgumentException for the operator's role
     */
    public Member {
      if (!role.inTenant()) {
        throw new IllegalArgumentException("role: operator (expected: a role within a tenant)");
      }
    }

    @Override
    public Actor actor() {
      return new Actor(
          Actor.Kind.PRINCIPAL, "tenant/" + tenant + "/principal/" + name + " by " + credential);
    }
  }
}
