package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.ext_proc.v3.ExtProcPerRoute;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.List;
import java.util.Optional;

/**
 * The two things an ingress route may configure otherwise: that the processor sees the response,
 * and that the gate also admits what is in dry run. Whether its endpoint is, {@link SnapshotLinter}
 * asks the policy.
 */
final class OverrideLint {
  private static final String PROCESSOR = "envoy.filters.http.ext_proc";
  private static final String GATE = "envoy.filters.http.rbac";

  private static final ExtProcPerRoute OUTCOME =
      (ExtProcPerRoute) References.load("outcome-override", ExtProcPerRoute.newBuilder());
  private static final RBACPerRoute DRY_RUN =
      (RBACPerRoute) References.load("dry-run-override", RBACPerRoute.newBuilder());

  private OverrideLint() {}

  /** What is wrong with a route's {@code typed_per_filter_config}. */
  static Optional<String> problem(Optional<Object> value) {
    List<?> entries = value.map(found -> (List<?>) found).orElse(List.of());
    return entries.stream().allMatch(entry -> isAllowed((Message) entry))
        ? Optional.empty()
        : Optional.of(
            "not allowed (expected: none, the response shown to the processor, or a dry run)");
  }

  static boolean showsOutcome(Route route) {
    return isOutcome(route.getTypedPerFilterConfigOrDefault(PROCESSOR, Any.getDefaultInstance()));
  }

  /** Whatever the gate's override says: only its absence leaves the gate as it is. */
  static boolean isDryRun(Route route) {
    return route.containsTypedPerFilterConfig(GATE);
  }

  private static boolean isAllowed(Message entry) {
    Object key = entry.getField(entry.getDescriptorForType().findFieldByNumber(1));
    Object value = entry.getField(entry.getDescriptorForType().findFieldByNumber(2));
    Any override = Rule.parse(Any.parser(), (Message) value);
    return switch (String.valueOf(key)) {
      case PROCESSOR -> isOutcome(override);
      case GATE -> isEqual(override, RBACPerRoute.class, DRY_RUN);
      default -> false;
    };
  }

  private static boolean isOutcome(Any override) {
    return isEqual(override, ExtProcPerRoute.class, OUTCOME);
  }

  private static <T extends Message> boolean isEqual(Any override, Class<T> type, T reference) {
    try {
      return override.is(type) && override.unpack(type).equals(reference);
    } catch (InvalidProtocolBufferException e) {
      return false;
    }
  }
}
