package io.zenmesh.xds.lint;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UInt32Value;
import com.google.protobuf.util.Durations;
import io.envoyproxy.envoy.config.core.v3.CidrRange;
import io.envoyproxy.envoy.config.core.v3.HeaderValue;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption;
import io.envoyproxy.envoy.config.core.v3.HeaderValueOption.HeaderAppendAction;
import io.envoyproxy.envoy.config.core.v3.RuntimeFractionalPercent;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.route.v3.Route;
import io.envoyproxy.envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.type.matcher.v3.RegexMatcher;
import io.envoyproxy.envoy.type.matcher.v3.StringMatcher;
import io.envoyproxy.envoy.type.v3.FractionalPercent;
import io.envoyproxy.envoy.type.v3.TokenBucket;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Access;
import io.zenmesh.xds.model.Cidr;
import io.zenmesh.xds.model.ClientRequirement;
import io.zenmesh.xds.model.ClientRequirement.Mtls;
import io.zenmesh.xds.model.RateLimit;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The per-route configurations that refuse requests before the processor is asked: what varies is
 * read out of one, and the one form it may have with it is put together again here and compared.
 */
final class AccessLint {
  private static final String SOURCE = "zen.filters.http.source";
  private static final String CLIENT = "zen.filters.http.client";
  private static final String RATE_LIMIT = "envoy.filters.http.local_ratelimit";
  private static final String SOURCE_POLICY = "source_not_allowed";
  private static final String CLIENT_POLICY = "client_certificate_required";

  private AccessLint() {}

  /**
   * Whether {@code config} may stand under the filter's name.
   *
   * @param clientHost whether the route's host asks for client certificates
   */
  static boolean isAllowed(String filter, Any config, boolean clientHost) {
    return switch (filter) {
      case SOURCE -> unpack(config, RBACPerRoute.class).filter(AccessLint::isSource).isPresent();
      case CLIENT ->
          clientHost && unpack(config, RBACPerRoute.class).filter(AccessLint::isClient).isPresent();
      case RATE_LIMIT ->
          unpack(config, LocalRateLimit.class).filter(AccessLint::isRateLimit).isPresent();
      default -> false;
    };
  }

  /** Whether the route refuses exactly the certificates without a name of {@code client}. */
  static boolean names(Route route, ClientRequirement client) {
    Any config = route.getTypedPerFilterConfigOrDefault(CLIENT, Any.getDefaultInstance());
    return client.named()
        ? unpack(config, RBACPerRoute.class)
            .filter(denying(CLIENT_POLICY, strangers(client))::equals)
            .isPresent()
        : !route.containsTypedPerFilterConfig(CLIENT);
  }

  private static boolean isSource(RBACPerRoute found) {
    List<CidrRange> ranges =
        principal(found, SOURCE_POLICY).getNotId().getOrIds().getIdsList().stream()
            .map(Principal::getDirectRemoteIp)
            .toList();
    boolean networks =
        !ranges.isEmpty()
            && ranges.size() <= Access.MAX_NETWORKS
            && ranges.stream()
                .allMatch(range ->
                    Cidr.parse(range.getAddressPrefix() + "/" + range.getPrefixLen().getValue())
                        .isPresent());
    return networks
        && found.equals(
            denying(
                SOURCE_POLICY,
                not(
                    ranges.stream()
                        .map(range -> Principal.newBuilder().setDirectRemoteIp(range).build())
                        .toList())))
        && ranges.stream()
            .allMatch(range ->
                range.equals(
                    CidrRange.newBuilder()
                        .setAddressPrefix(range.getAddressPrefix())
                        .setPrefixLen(UInt32Value.of(range.getPrefixLen().getValue()))
                        .build()));
  }

  private static boolean isClient(RBACPerRoute found) {
    Principal principal = principal(found, CLIENT_POLICY);
    boolean optional = principal.hasAndIds();
    Principal stranger =
        optional && principal.getAndIds().getIdsCount() == 2
            ? principal.getAndIds().getIds(1)
            : principal;
    List<String> names =
        stranger.getNotId().getOrIds().getIdsList().stream()
            .map(id -> id.getAuthenticated().getPrincipalName().getExact())
            .toList();
    List<String> spiffeIds = names.stream().filter(AccessLint::isSpiffeId).toList();
    List<String> sans = names.stream().filter(ClientRequirement::isDnsName).toList();
    if (names.isEmpty()
        || !Stream.concat(spiffeIds.stream(), sans.stream()).toList().equals(names)
        || spiffeIds.size() > ClientRequirement.MAX_NAMES
        || sans.size() > ClientRequirement.MAX_NAMES) {
      return false;
    }
    ClientRequirement client =
        new ClientRequirement(optional ? Mtls.OPTIONAL : Mtls.REQUIRED, spiffeIds, sans);
    return found.equals(denying(CLIENT_POLICY, strangers(client)));
  }

  private static boolean isRateLimit(LocalRateLimit found) {
    TokenBucket bucket = found.getTokenBucket();
    for (RateLimit.Per per : RateLimit.Per.values()) {
      if (bucket.getFillInterval().equals(Durations.fromSeconds(per.seconds()))) {
        try {
          RateLimit limit =
              new RateLimit(bucket.getTokensPerFill().getValue(), per, bucket.getMaxTokens());
          return found.equals(bucket(limit));
        } catch (IllegalArgumentException e) {
          return false;
        }
      }
    }
    return false;
  }

  private static LocalRateLimit bucket(RateLimit limit) {
    RuntimeFractionalPercent always =
        RuntimeFractionalPercent.newBuilder()
            .setDefaultValue(FractionalPercent.newBuilder().setNumerator(100))
            .build();
    return LocalRateLimit.newBuilder()
        .setStatPrefix("ingress")
        .setTokenBucket(
            TokenBucket.newBuilder()
                .setMaxTokens(limit.burst())
                .setTokensPerFill(UInt32Value.of(limit.requests()))
                .setFillInterval(Durations.fromSeconds(limit.per().seconds())))
        .setFilterEnabled(always)
        .setFilterEnforced(always)
        .addResponseHeadersToAdd(
            HeaderValueOption.newBuilder()
                .setHeader(
                    HeaderValue.newBuilder()
                        .setKey("retry-after")
                        .setValue(String.valueOf(limit.retryAfterSeconds())))
                .setAppendAction(HeaderAppendAction.OVERWRITE_IF_EXISTS_OR_ADD))
        .build();
  }

  private static Principal strangers(ClientRequirement client) {
    Principal stranger =
        not(
            Stream.concat(client.spiffeIds().stream(), client.sans().stream())
                .map(name -> named(StringMatcher.newBuilder().setExact(name).build()))
                .toList());
    Principal anyone =
        named(
            StringMatcher.newBuilder()
                .setSafeRegex(RegexMatcher.newBuilder().setRegex("(?s).+"))
                .build());
    return client.mtls() == Mtls.REQUIRED
        ? stranger
        : Principal.newBuilder()
            .setAndIds(Principal.Set.newBuilder().addIds(anyone).addIds(stranger))
            .build();
  }

  private static Principal named(StringMatcher name) {
    return Principal.newBuilder()
        .setAuthenticated(Principal.Authenticated.newBuilder().setPrincipalName(name))
        .build();
  }

  private static Principal not(List<Principal> principals) {
    return Principal.newBuilder()
        .setNotId(Principal.newBuilder().setOrIds(Principal.Set.newBuilder().addAllIds(principals)))
        .build();
  }

  private static RBACPerRoute denying(String policy, Principal principal) {
    Policy denied =
        Policy.newBuilder()
            .addPermissions(Permission.newBuilder().setAny(true))
            .addPrincipals(principal)
            .build();
    RBAC.Builder filter = RBAC.newBuilder().setRulesStatPrefix(policy + ".");
    filter
        .getRulesBuilder()
        .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.DENY)
        .putPolicies(policy, denied);
    return RBACPerRoute.newBuilder().setRbac(filter).build();
  }

  private static Principal principal(RBACPerRoute found, String policy) {
    Policy denied =
        found.getRbac().getRules().getPoliciesOrDefault(policy, Policy.getDefaultInstance());
    return denied.getPrincipalsCount() == 1
        ? denied.getPrincipals(0)
        : Principal.getDefaultInstance();
  }

  private static boolean isSpiffeId(String text) {
    return SpiffeId.parse(text).filter(id -> !id.path().isEmpty()).isPresent();
  }

  private static <T extends Message> Optional<T> unpack(Any any, Class<T> type) {
    try {
      return any.is(type) ? Optional.of(any.unpack(type)) : Optional.empty();
    } catch (InvalidProtocolBufferException e) {
      return Optional.empty();
    }
  }
}
