package io.zenmesh.extproc.replay;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What a Redis says of itself, from its {@code INFO} sections {@code server} and {@code memory}.
 *
 * @param runId changes with each start of the server; empty text when absent
 * @param version such as {@code 6.2.11}
 * @param evictionPolicy the {@code maxmemory-policy}
 */
record RedisServerInfo(String runId, String version, String evictionPolicy) {
  private static final int MAJOR_FLOOR = 6;
  private static final int MINOR_FLOOR = 2;

  static RedisServerInfo parse(String info) {
    Map<String, String> fields = new HashMap<>();
    info.lines()
        .forEach(line -> {
          int colon = line.indexOf(':');
          if (colon > 0) {
            fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
          }
        });
    return new RedisServerInfo(
        fields.getOrDefault("run_id", ""),
        fields.getOrDefault("redis_version", ""),
        fields.getOrDefault("maxmemory_policy", ""));
  }

  /** Why this server must not hold replay keys; empty when it may. */
  Optional<String> problem() {
    if (!runId.matches("[0-9a-f]{40}")) {
      return Optional.of("run_id: absent or malformed (expected: 40 hex digits in INFO server)");
    }
    if (!atLeastFloor()) {
      return Optional.of("redis_version: " + printable(version) + " (expected: 6.2 or newer)");
    }
    if (!evictionPolicy.equals("noeviction")) {
      return Optional.of(
          "maxmemory-policy: "
              + printable(evictionPolicy)
              + " (expected: noeviction, since an evicted key is a replay accepted)");
    }
    return Optional.empty();
  }

  private boolean atLeastFloor() {
    String[] parts = version.split("\\.", -1);
    if (parts.length < 2 || !parts[0].matches("[0-9]{1,4}") || !parts[1].matches("[0-9]{1,4}")) {
      return false;
    }
    int major = Integer.parseInt(parts[0]);
    return major > MAJOR_FLOOR
        || (major == MAJOR_FLOOR && Integer.parseInt(parts[1]) >= MINOR_FLOOR);
  }

  private static String printable(String value) {
    String cut = value.length() > 40 ? value.substring(0, 40) : value;
    return cut.replaceAll("[^A-Za-z0-9._-]", "?");
  }
}
