package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.TokenBucket;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.RateLimit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What Envoy refuses before it asks the processor: by source address, by the client certificate's
 * names, and by rate, in this order, so that neither of the first two can use up the third.
 *
 * <p>Each filter is in every chain and does nothing by itself; a route brings what it enforces. The
 * name of the policy that denies becomes the code that the caller sees.
 */
final class AccessFilters {
  static final String SOURCE = "zen.filters.http.source";
  static final String CLIENT = "zen.filters.http.client";
  static final String RATE_LIMIT = "envoy.filters.http.local_ratelimit";

  static final String SOURCE_NOT_ALLOWED = "source_not_allowed";
  static final String CLIENT_CERTIFICATE_REQUIRED = "client_certificate_required";

  private static final String STATS = "ingress";

  private AccessFilters() {}

  static List<HttpFilter> filters() {
    return List.of(
        filter(SOURCE, RBAC.getDefaultInstance()),
        filter(CLIENT, RBAC.getDefaultInstance()),
        filter(RATE_LIMIT, LocalRateLimit.newBuilder().setStatPrefix(STATS).build()));
  }

  /** The per-route configuration, by filter; empty for a route that anyone may call. */
  static Map<String, Any> perRoute(Access access) {
    Map<String, Any> configurations = new TreeMap<>();
    if (!access.allowFrom().isEmpty()) {
      configurations.put(
          SOURCE, Any.pack(denying(SOURCE_NOT_ALLOWED, not(sources(access.allowFrom())))));
    }
    if (access.client().named()) {
      configurations.put(
          CLIENT, Any.pack(denying(CLIENT_CERTIFICATE_REQUIRED, strangers(access.client()))));
    }
    access.rateLimit().ifPresent(limit -> configurations.put(RATE_LIMIT, Any.pack(bucket(limit))));
    return configurations;
  }

  /** The peer of the connection itself; what a header or proxy says of it does not count. */
  private static Principal sources(List<Cidr> networks) {
    return any(
        networks,
        network ->
            Principal.newBuilder()
                .setDirectRemoteIp(
                    CidrRange.newBuilder()
                        .setAddressPrefix(network.address())
                        .setPrefixLen(Limits.number(network.prefixLength())))
                .build());
  }

  private static Principal strangers(ClientRequirement client) {
    List<String> names = new ArrayList<>(client.spiffeIds());
    names.addAll(client.sans());
    Principal stranger = not(any(names, name -> named(exactly(name))));
    if (client.mtls() == Mtls.REQUIRED) {
      return stranger;
    }
    // Who shows no certificate has no name at all, and is no stranger.
    return Principal.newBuilder()
        .setAndIds(
            Principal.Set.newBuilder()
                .addIds(
                    named(
                        StringMatcher.newBuilder()
                            .setSafeRegex(RegexMatcher.newBuilder().setRegex("(?s).+"))
                            .build()))
                .addIds(stranger))
        .build();
  }

  private static RBACPerRoute denying(String policy, Principal principal) {
    return RBACPerRoute.newBuilder()
        .setRbac(
            RBAC.newBuilder()
                .setRulesStatPrefix(policy + ".")
                .setRules(
                    io.envoyproxy
                        .envoy
                        .config
                        .rbac
                        .v3
                        .RBAC
                        .newBuilder()
                        .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.DENY)
                        .putPolicies(
                            policy,
                            Policy.newBuilder()
                                .addPermissions(Permission.newBuilder().setAny(true))
                                .addPrincipals(principal)
                                .build())))
        .build();
  }

  private static LocalRateLimit bucket(RateLimit limit) {
    RuntimeFractionalPercent always =
        RuntimeFractionalPercent.newBuilder()
            .setDefaultValue(
                FractionalPercent.newBuilder()
                    .setNumerator(100)
                    .setDenominator(FractionalPercent.DenominatorType.HUNDRED))
            .build();
    return LocalRateLimit.newBuilder()
        .setStatPrefix(STATS)
        .setTokenBucket(
            TokenBucket.newBuilder()
                .setMaxTokens(limit.burst())
                .setTokensPerFill(Limits.number(limit.requests()))
                .setFillInterval(Limits.seconds(limit.per().seconds())))
        .setFilterEnabled(always)
        .setFilterEnforced(always)
        .addResponseHeadersToAdd(
            HeaderValueOption.newBuilder()
                .setHeader(
                    HeaderValue.newBuilder()
                        .setKey("retry-after")
                        .setValue(Integer.toString(limit.retryAfterSeconds())))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD))
        .build();
  }

  private static Principal named(StringMatcher name) {
    return Principal.newBuilder()
        .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
        .build();
  }

  private static StringMatcher exactly(String name) {
    return StringMatcher.newBuilder().setExact(name).build();
  }

  private static <T> Principal any(List<T> values, Function<T, Principal> principal) {
    Principal.Set.Builder any = Principal.Set.newBuilder();
    values.forEach(value -> any.addIds(principal.apply(value)));
    return Principal.newBuilder().setOrIds(any).build();
  }

  private static Principal not(Principal principal) {
    return Principal.newBuilder().setNotId(principal).build();
  }

  private static HttpFilter filter(String name, Message config) {
    return HttpFilter.newBuilder().setName(name).setTypedConfig(Any.pack(config)).build();
  }
}
