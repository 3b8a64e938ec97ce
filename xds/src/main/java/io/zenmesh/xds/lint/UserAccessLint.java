package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Judges the access filters in somebody's own file: those that refuse by source address, client
 * certificate and rate before the processor is asked.
 *
 * <p>Where one of ours is, recognised by its name, all three are held to the reference, and what
 * routes say of them to {@link AccessLint}. A rate limit without the others is the user's own.
 */
final class UserAccessLint {
  private static final String OURS = "zen.filters.http.";
  private static final String RATE_LIMIT = "envoy.filters.http.local_ratelimit";
  private static final List<String> ORDER = List.of(OURS + "source", OURS + "client", RATE_LIMIT);
  private static final Set<String> PER_ROUTE =
      Set.of(
          "envoy.extensions.filters.http.rbac.v3.RBACPerRoute",
          "envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit");
  private static final String FIX =
      "restore what 'zenctl envoy render --mode static' or the control plane rendered";

  private final boolean ours;
  private final boolean clientHost;
  private final Findings findings;

  /**
   * @param clientHost whether the chain asks for client certificates and verifies them
   */
  UserAccessLint(Place manager, Optional<Place> routes, boolean clientHost, Findings findings) {
    this.ours = manager.mentions(OURS) || routes.filter(it -> it.mentions(OURS)).isPresent();
    this.clientHost = clientHost;
    this.findings = findings;
  }

  /**
   * Judges the filters themselves.
   *
   * @param processor the index of the filter that asks the processor
   */
  void filters(List<Place> filters, int processor) {
    if (!ours) {
      return;
    }
    List<String> names = filters.stream().map(filter -> filter.text("name")).toList();
    int before = -1;
    for (String name : ORDER) {
      int at = names.indexOf(name);
      if (at <= before || at > processor) {
        findings.add(
            at < 0 ? filters.get(processor) : filters.get(at),
            "access filter "
                + name
                + (at < 0 ? " missing" : " in another place")
                + " (expected: "
                + String.join(", ", ORDER)
                + ", in this order before the processor)",
            FIX);
      } else if (names.lastIndexOf(name) != at) {
        findings.add(filters.get(names.lastIndexOf(name)), name + " twice (expected: once)", FIX);
      }
      if (at >= 0) {
        before = Math.max(before, at);
        equal(filters.get(at), name);
      }
    }
  }

  private void equal(Place filter, String name) {
    Any reference = UserDoor.PROCESSOR.reference(name).orElseThrow().getTypedConfig();
    Message expected =
        name.equals(RATE_LIMIT)
            ? References.unpack(reference, LocalRateLimit.class)
            : References.unpack(reference, RBAC.class);
    boolean plain =
        Set.of("name", "typed_config").containsAll(filter.fields().keySet())
            && UserDoor.typeOf(filter).equals(expected.getDescriptorForType().getFullName())
            && filter
                .get("typed_config")
                .filter(config -> Findings.equals(config, expected))
                .isPresent();
    if (!plain) {
      findings.add(
          filter,
          "access filter " + name + " does something by itself (expected: only what routes bring)",
          FIX);
    }
  }

  /** Whether a filter that a route configures is one of these, and therefore judged by this. */
  boolean perRoute(String filter, Place config) {
    if (!ours || !ORDER.contains(filter)) {
      return false;
    }
    boolean allowed =
        PER_ROUTE.contains(config.type())
            && any(config, filter)
                .filter(it -> AccessLint.isAllowed(filter, it, clientHost))
                .isPresent();
    if (!allowed) {
      findings.add(
          config,
          "access filter "
              + filter
              + " does not refuse what it must (expected: as rendered"
              + (filter.endsWith("client") && !clientHost
                  ? ", behind TLS that verifies client certificates)"
                  : ")"),
          FIX);
    }
    return true;
  }

  private static Optional<Any> any(Place config, String filter) {
    Message type =
        filter.equals(RATE_LIMIT)
            ? LocalRateLimit.getDefaultInstance()
            : RBACPerRoute.getDefaultInstance();
    return config.type().equals(type.getDescriptorForType().getFullName())
        ? Findings.parse(config, type).map(Any::pack)
        : Optional.empty();
  }
}
