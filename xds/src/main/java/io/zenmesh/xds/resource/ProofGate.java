package io.zenmesh.xds.resource;

import com.google.protobuf.Any;
import io.envoyproxy.envoy.config.rbac.v3.Permission;
import io.envoyproxy.envoy.config.rbac.v3.Policy;
import io.envoyproxy.envoy.config.rbac.v3.Principal;
import io.envoyproxy.envoy.config.rbac.v3.SourcedMetadata;
import io.envoyproxy.envoy.extensions.filters.http.rbac.v3.RBAC;
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

  /** The key that is {@code true} after a verified verdict, and absent otherwise. */
  public static final String VERIFIED = "verified";

  static final String FILTER = "envoy.filters.http.rbac";

  private ProofGate() {}

  /** Behind ext_proc, whose proof stands in a namespace of its own. */
  static HttpFilter filter() {
    return filter(NAMESPACE, List.of(VERIFIED));
  }

  /** Behind ext_authz: Envoy puts whatever that server says below the filter's own name. */
  static HttpFilter behindAuthorization() {
    return filter(AuthorizationFilter.FILTER, List.of(NAMESPACE, VERIFIED));
  }

  private static HttpFilter filter(String namespace, List<String> path) {
    MetadataMatcher.Builder proof =
        MetadataMatcher.newBuilder()
            .setFilter(namespace)
            .setValue(ValueMatcher.newBuilder().setBoolMatch(true));
    path.forEach(key -> proof.addPath(MetadataMatcher.PathSegment.newBuilder().setKey(key)));
    Policy verified =
        Policy.newBuilder()
            .addPermissions(
                Permission.newBuilder()
                    .setSourcedMetadata(SourcedMetadata.newBuilder().setMetadataMatcher(proof)))
            .addPrincipals(Principal.newBuilder().setAny(true))
            .build();
    RBAC gate =
        RBAC.newBuilder()
            .setRules(
                io.envoyproxy
                    .envoy
                    .config
                    .rbac
                    .v3
                    .RBAC
                    .newBuilder()
                    .setAction(io.envoyproxy.envoy.config.rbac.v3.RBAC.Action.ALLOW)
                    .putPolicies(VERIFIED, verified))
            .setRulesStatPrefix("proof_gate.")
            .build();
    return HttpFilter.newBuilder().setName(FILTER).setTypedConfig(Any.pack(gate)).build();
  }
}
