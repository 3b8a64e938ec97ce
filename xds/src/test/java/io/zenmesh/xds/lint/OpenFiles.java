package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.RenderedFiles.AUTHORIZATION;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/**
 * Rendered files that Envoy reads otherwise than they look: what it leaves out, and what it joins.
 */
final class OpenFiles {
  private static final String TAG = "a tag on a key";
  private static final String TWO = "a second spelling of";

  private OpenFiles() {}

  /** As in {@link WeakenedFiles}. */
  static Stream<Arguments> all() {
    return Stream.of(
        edit("filters left out", GUARDED, "http_filters:", "!ignore http_filters:", TAG),
        edit("gate left out", GUARDED, "rules:", "!ignore rules:", TAG),
        edit("quoted key left out", GUARDED, "route_config:", "!ignore \"route_config\":", TAG),
        edit(
            "key left out in a flow",
            GUARDED,
            "default_validation_context: {}",
            "default_validation_context: {!ignore crl: {filename: /x}}",
            TAG),
        edit("a key of a tag that is known", GUARDED, "http_filters:", "!!str http_filters:", TAG),
        edit("routes left out", AUTHORIZATION, "routes:", "!<!ignore> routes:", TAG),
        beside("hosts twice", GUARDED, "virtual_hosts:", "virtualHosts: []", TWO),
        beside("filters twice", AUTHORIZATION, "http_filters:", "httpFilters: []", TWO),
        beside("chains twice", GUARDED, "filter_chains:", "filterChains: []", TWO),
        beside("everything twice", GUARDED, "static_resources:", "staticResources: {}", TWO),
        beside("a digit", GUARDED, "http2_protocol_options:", "http2ProtocolOptions: {}", TWO),
        beside(
            "of a route twice",
            AUTHORIZATION,
            "typed_per_filter_config:",
            "typedPerFilterConfig: {}",
            TWO),
        beside("in a filter twice", AUTHORIZATION, "grpc_service:", "grpcService: {}", TWO),
        edit(
            "in JSON",
            OwnEnvoys.json(GUARDED),
            "\"virtual_hosts\":",
            "\"virtualHosts\": [], \"virtual_hosts\":",
            TWO));
  }

  private static Arguments edit(String what, String file, String from, String to, String said) {
    return Arguments.of(what, file, from, to, said);
  }

  /** With another field before the first of this name, in the same mapping. */
  private static Arguments beside(
      String what, String file, String field, String more, String said) {
    int at = file.indexOf(field);
    int column = at - file.lastIndexOf('\n', at) - 1;
    return edit(what, file, field, more + "\n" + " ".repeat(column) + field, said);
  }
}
