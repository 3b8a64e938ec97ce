package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.tenant.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Who may do what: the complete table of operation and role in {@code access.yaml}. Immutable.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>Default deny: only a cell that says {@code allow} allows. An operation without a row, a row
 * without an operation and a row that lacks a cell fail the start, so that nothing is allowed or
 * denied by forgetting. {@code anyone} in the table and {@code security: []} in the contract must
 * agree.
 */
final class AccessTable {
  private static final String ANYONE = "anyone";
  private static final YAMLMapper YAML =
      YAMLMapper.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private final Set<String> open;
  private final Map<String, Set<Role>> allowed;

  private AccessTable(Set<String> open, Map<String, Set<Role>> allowed) {
    this.open = Set.copyOf(open);
    this.allowed = Map.copyOf(allowed);
  }

  /** The table of this version. */
  static AccessTable bundled(ApiContract contract) {
    return of(ApiContract.resource("access.yaml"), contract);
  }

  /**
   * Reads a table and proves it complete for {@code contract}.
   *
   * @throws IllegalStateException with everything that is missing or too much
   */
  static AccessTable of(byte[] text, ApiContract contract) {
    JsonNode rows = YAML.readTree(text);
    List<String> faults = new ArrayList<>();
    Set<String> open = new HashSet<>();
    Map<String, Set<Role>> allowed = new LinkedHashMap<>();
    Set<String> known = new HashSet<>();
    for (ApiOperation operation : contract.operations()) {
      String id = operation.id();
      known.add(id);
      JsonNode row = rows.get(id);
      if (row == null) {
        faults.add(id + ": no row");
        continue;
      }
      boolean anyone = row.isString() && row.asString().equals(ANYONE);
      if (anyone != operation.open()) {
        faults.add(id + ": anyone in one of contract and table only");
      } else if (anyone) {
        open.add(id);
      } else {
        allowed.put(id, cells(id, row, faults));
      }
    }
    for (String row : rows.propertyNames()) {
      if (!known.contains(row)) {
        faults.add(row + ": a row of no operation");
      }
    }
    if (!faults.isEmpty()) {
      throw new IllegalStateException(
          "access table: " + String.join("; ", faults) + " (expected: operation x role, complete)");
    }
    return new AccessTable(open, allowed);
  }

  private static Set<Role> cells(String id, JsonNode row, List<String> faults) {
    Set<Role> roles = EnumSet.noneOf(Role.class);
    for (Role role : Role.values()) {
      switch (row.path(role.word()).asString("")) {
        case "allow" -> roles.add(role);
        case "deny" -> {}
        default -> faults.add(id + ": no cell for " + role.word());
      }
    }
    if (row.size() > Role.values().length) {
      faults.add(id + ": more cells than roles");
    }
    return roles;
  }

  /** Whether the operation needs no authentication. */
  boolean anyone(String operation) {
    return open.contains(operation);
  }

  /** Whether the table says {@code allow}. */
  boolean allows(String operation, Role role) {
    return allowed.getOrDefault(operation, Set.of()).contains(role);
  }
}
