package io.zenmesh.controlplane.tenant;

import java.util.Locale;
import java.util.Optional;

/**
 * What someone may be: the platform's operator, or one of four roles within a tenant, each covering
 * those below it.
 */
public enum Role {
  /** Runs the platform; belongs to no tenant. */
  OPERATOR,
  /** All of a tenant, its principals included. */
  OWNER,
  /** All of a tenant but its owners. */
  ADMIN,
  /** Changes what the tenant declares, not who may. */
  EDITOR,
  /** Reads. */
  VIEWER;

  /** In lower case, as it is written everywhere. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Whether it is held within a tenant. */
  public boolean inTenant() {
    return this != OPERATOR;
  }

  /** Whether it may do all that {@code other} may. */
  public boolean covers(Role other) {
    return compareTo(other) <= 0;
  }

  /** The lesser of the two. */
  Role orLess(Role other) {
    return covers(other) ? other : this;
  }

  /** The role of that word; empty for anything else. */
  public static Optional<Role> ofWord(String word) {
    for (Role role : values()) {
      if (role.word().equals(word)) {
        return Optional.of(role);
      }
    }
    return Optional.empty();
  }
}
