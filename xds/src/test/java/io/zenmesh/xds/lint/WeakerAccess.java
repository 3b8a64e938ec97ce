package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;

/** The client, source and rate filters of a route, each asking for less. */
final class WeakerAccess {
  static final String CLIENT = "zen.filters.http.client";
  private static final String SOURCE = "zen.filters.http.source";
  private static final String RATE_LIMIT = "envoy.filters.http.local_ratelimit";

  private WeakerAccess() {}

  static Stream<Named<Consumer<Route.Builder>>> changes() {
    return Stream.of(
        Named.of("no names", r -> change(r, CLIENT, b -> policy(b, p -> p.clearPrincipals()))),
        Named.of(
            "any name",
            r -> change(r, CLIENT, b -> policy(b, p -> p.getPrincipalsBuilder(0).setAny(true)))),
        Named.of(
            "names by prefix",
            r ->
                change(
                    r,
                    CLIENT,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getAuthenticatedBuilder()
                                    .getPrincipalNameBuilder()
                                    .setPrefix("spiffe://")))),
        Named.of(
            "names in any case",
            r ->
                change(
                    r,
                    CLIENT,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getAuthenticatedBuilder()
                                    .getPrincipalNameBuilder()
                                    .setIgnoreCase(true)))),
        Named.of(
            "shadow only",
            r ->
                change(
                    r,
                    CLIENT,
                    b -> b.getRbacBuilder().setShadowRules(b.getRbac().getRules()).clearRules())),
        Named.of("empty RBACPerRoute", r -> change(r, SOURCE, RBACPerRoute.Builder::clear)),
        Named.of(
            "a network with host bits",
            r ->
                change(
                    r,
                    SOURCE,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .getDirectRemoteIpBuilder()
                                    .setAddressPrefix("192.0.2.1")))),
        Named.of(
            "a network by forwarded address",
            r ->
                change(
                    r,
                    SOURCE,
                    b ->
                        policy(
                            b,
                            p ->
                                p.getPrincipalsBuilder(0)
                                    .getNotIdBuilder()
                                    .getOrIdsBuilder()
                                    .getIdsBuilder(0)
                                    .setRemoteIp(
                                        p.getPrincipals(0)
                                            .getNotId()
                                            .getOrIds()
                                            .getIds(0)
                                            .getDirectRemoteIp())))),
        Named.of("no bucket", r -> limit(r, LocalRateLimit.Builder::clearTokenBucket)),
        Named.of("not enforced", r -> limit(r, LocalRateLimit.Builder::clearFilterEnforced)),
        Named.of("not enabled", r -> limit(r, LocalRateLimit.Builder::clearFilterEnabled)),
        Named.of(
            "a bucket for each connection",
            r -> limit(r, l -> l.setLocalRateLimitPerDownstreamConnection(true))),
        Named.of(
            "no Retry-After", r -> limit(r, LocalRateLimit.Builder::clearResponseHeadersToAdd)),
        Named.of(
            "another period",
            r -> limit(r, l -> l.getTokenBucketBuilder().getFillIntervalBuilder().setSeconds(2))),
        Named.of(
            "a burst over the bound",
            r -> limit(r, l -> l.getTokenBucketBuilder().setMaxTokens(100_001))));
  }

  private static void change(
      Route.Builder route, String filter, Consumer<RBACPerRoute.Builder> change) {
    RBACPerRoute.Builder config =
        Weakened.unpack(route.getTypedPerFilterConfigOrThrow(filter), RBACPerRoute.class)
            .toBuilder();
    change.accept(config);
    route.putTypedPerFilterConfig(filter, Any.pack(config.build()));
  }

  private static void policy(
      RBACPerRoute.Builder config,
      Consumer<io.envoyproxy.envoy.config.rbac.v3.Policy.Builder> change) {
    var rules = config.getRbacBuilder().getRulesBuilder();
    String name = rules.getPoliciesMap().keySet().iterator().next();
    var policy = rules.getPoliciesOrThrow(name).toBuilder();
    change.accept(policy);
    rules.putPolicies(name, policy.build());
  }

  private static void limit(Route.Builder route, Consumer<LocalRateLimit.Builder> change) {
    LocalRateLimit.Builder config =
        Weakened.unpack(route.getTypedPerFilterConfigOrThrow(RATE_LIMIT), LocalRateLimit.class)
            .toBuilder();
    change.accept(config);
    route.putTypedPerFilterConfig(RATE_LIMIT, Any.pack(config.build()));
  }
}
