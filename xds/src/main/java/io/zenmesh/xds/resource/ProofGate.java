package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBACPerRoute;
import io.envoyproxy.envoy.extensions.filters.network.http_connection_manager.v3.HttpFilter;
import io.envoyproxy.envoy.type.matcher.v3.MetadataMatcher;
import io.envoyproxy.envoy.type.matcher.v3.ValueMatcher;
import java.util.List;

/**
 * The filter that lets a request on only when the external processor proved it verified.
 *
 * <p>Envoy forwards a request unverified when the processor's stream ends without an answer, fail
 * closed or not, and when trailers end a request that has no body. The gate closes both, and every
 * way like them that is yet unknown: without {@code zen.gate: {verified: true}} in the dynamic
 * metadata the answer is 403.
 */
public final class ProofGate {
  /** The dynamic metadata namespace of the proof; nothing but the processor may write it. */
  public static final String NAMESPACE = "zen.gate";

  /** The key that is {@code true} after a verified verdict, and never otherwise. */
  public static final String VERIFIED = "verified";

  /**
   * The key that is {@code true} whatever the verdict, on requests of endpoints in dry run. Only
   * the routes of such endpoints have a gate that reads it.
   */
  public static final String DRY_RUN = "dry_run";

  static final String FILTER = "envoy.filters.http.rbac";

  private ProofGate() {}

  /** Behind ext_proc, whose proof stands in a namespace of its own. */
  static HttpFilter filter() {
    return filter(gate(NAMESPACE, List.of(), VERIFIED));
  }

  /** Behind ext_authz: Envoy puts whatever that server says below the filter's own name. */
  static HttpFilter behindAuthorization() {
    return filter(gate(AuthorizationFilter.FILTER, List.of(NAMESPACE), VERIFIED));
  }

  private static HttpFilter filter(RBAC gate) {
    return HttpFilter.newBuilder().setName(FILTER).setTypedConfig(Any.pack(gate)).build();
  }

  /** The per-route configuration of endpoints in dry run. */
  static Any dryRunOverride() {
    return Any.pack(
        RBACPerRoute.newBuilder().setRbac(gate(NAMESPACE, List.of(), VERIFIED, DRY_RUN)).build());
  }

  /** Admits what has any of these keys. */
  private static RBAC gate(String namespace, List<String> below, String... keys) {
    io.envoyproxy.envoy.config.rbac.v3.RBAC.Builder rules =
        io.envoyproxy
            .envoy
            .config
            .rbac
            .v3
            .RBAC
            .newBuilder()
            .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.ALLOW);
    for (String key : keys) {
      rules.putPolicies(key, admits(namespace, below, key));
    }
    return RBAC.newBuilder().setRules(rules).setRulesStatPrefix("proof_gate.").build();
  }

  private static Policy admits(String namespace, List<String> below, String key) {
    MetadataMatcher.Builder proof =
        MetadataMatcher.newBuilder()
            .setFilter(namespace)
            .setValue(ValueMatcher.newBuilder().setBoolMatch(true));
    below.forEach(step -> proof.addPath(MetadataMatcher.PathSegment.newBuilder().setKey(step)));
    proof.addPath(MetadataMatcher.PathSegment.newBuilder().setKey(key));
    return Policy.newBuilder()
        .addPermissions(
            Permission.newBuilder()
                .setSourcedMetadata(SourcedMetadata.newBuilder().setMetadataMatcher(proof)))
        .addPrincipals(Principal.newBuilder().setAny(true))
        .build();
  }
}
