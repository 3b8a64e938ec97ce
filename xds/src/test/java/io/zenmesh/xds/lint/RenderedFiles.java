package io.zenmesh.xds.lint;

import io.zenmesh.xds.resource.ProcessorAddress;
import io.zenmesh.xds.resource.StandaloneEnvoy;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.params.provider.Arguments;

/** Files of Envoys, each rendered in one of our ways. */
final class RenderedFiles {
  static final String DRY_RUN = OwnEnvoys.bootstrap(OwnEnvoys.DRY_RUN_ENDPOINTS, OwnEnvoys.SOCKET);
  static final String GUARDED = OwnEnvoys.mesh(Weakened.guardedIngress());
  static final String AUTHORIZATION = OwnEnvoys.mesh(Weakened.ingressByAuthorization());
  static final String GUARDED_AUTHORIZATION = OwnEnvoys.mesh(Weakened.guardedByAuthorization());

  private RenderedFiles() {}

  /** Each file with the endpoints it is for. */
  static Stream<Arguments> all() {
    KnownEndpoints mesh = OwnEnvoys.knownMesh();
    return Stream.concat(
        Stream.of(OwnEnvoys.SOCKET, OwnEnvoys.MTLS).flatMap(RenderedFiles::rendered),
        Stream.of(
            Arguments.of(Named.of("mesh", OwnEnvoys.mesh(Weakened.ingress())), mesh),
            Arguments.of(Named.of("client certificates", GUARDED), mesh),
            Arguments.of(Named.of("ext_authz", AUTHORIZATION), mesh),
            Arguments.of(Named.of("ext_authz, client certificates", GUARDED_AUTHORIZATION), mesh)));
  }

  private static Stream<Arguments> rendered(ProcessorAddress processor) {
    return Stream.of(OwnEnvoys.ENDPOINTS, OwnEnvoys.DRY_RUN_ENDPOINTS)
        .flatMap(endpoints ->
            Stream.of(
                Arguments.of(
                    Named.of("static", OwnEnvoys.bootstrap(endpoints, processor)),
                    OwnEnvoys.known(endpoints)),
                Arguments.of(
                    Named.of("snippet", pasted(endpoints, processor)),
                    OwnEnvoys.known(endpoints))));
  }

  /** The page of docs/standalone.md in small: the four parts, each in its place. */
  private static String pasted(String endpoints, ProcessorAddress processor) {
    StandaloneEnvoy envoy = OwnEnvoys.envoy(endpoints, processor);
    return "static_resources:\n  listeners:\n    - name: edge\n      filter_chains:\n"
        + "        - filters:\n            - name: hcm\n              typed_config:\n"
        + "                \"@type\": type.googleapis.com/envoy.extensions.filters.network"
        + ".http_connection_manager.v3.HttpConnectionManager\n"
        + "                stat_prefix: edge\n"
        + "                common_http_protocol_options: {headers_with_underscores_action:"
        + " REJECT_REQUEST}\n"
        + "                early_header_mutation_extensions:\n"
        + envoy.headerMutation().indent(18)
        + "                route_config:\n                  name: edge\n"
        + "                  virtual_hosts:\n"
        + envoy.virtualHosts().indent(20)
        + "                http_filters:\n"
        + envoy.httpFilters().indent(18)
        + "                  - name: envoy.filters.http.router\n"
        + "                    typed_config: {\"@type\":"
        + " type.googleapis.com/envoy.extensions.filters.http.router.v3.Router}\n"
        + "  clusters:\n"
        + (envoy.processorClusters() + envoy.upstreams()).indent(4);
  }
}
