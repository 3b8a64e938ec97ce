package io.zenmesh.xds.lint;

import static io.zenmesh.xds.lint.RenderedFiles.AUTHORIZATION;
import static io.zenmesh.xds.lint.RenderedFiles.GUARDED;

import java.util.stream.Stream;
import org.junit.jupiter.params.provider.Arguments;

/** Rendered files with more than one delivery of a message, or with results of somebody else. */
final class OpenRoutes {
  private static final String LATE = "longer than a claim on a message";
  private static final String SETS = "sets a header under x-zen-";

  private OpenRoutes() {}

  /** As in {@link WeakenedFiles}. */
  static Stream<Arguments> all() {
    return Stream.of(
        timeout(GUARDED, "16s", LATE),
        timeout(AUTHORIZATION, "15.001s", LATE),
        timeout(GUARDED, "0s", LATE),
        timeout(GUARDED, "0.000s", LATE),
        timeout(GUARDED, "-1s", LATE),
        timeout(GUARDED, "{seconds: 1}", LATE),
        internal(GUARDED),
        internal(AUTHORIZATION),
        Arguments.of(
            "headers by a rate limit",
            GUARDED,
            "- name: \"envoy.filters.http.router\"",
            "- name: more\n"
                + "                    typed_config: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3"
                + ".LocalRateLimit, stat_prefix: s, request_headers_to_add_when_not_enforced:"
                + " [{header: {key: x_zen-tenant, value: acme}}]}\n"
                + "                  - name: \"envoy.filters.http.router\"",
            SETS),
        Arguments.of(
            "headers by a rate limit in a struct, before the processor",
            AUTHORIZATION,
            "http_filters:\n",
            "http_filters:\n"
                + "                  - name: more\n"
                + "                    typed_config: {\"@type\":"
                + " type.googleapis.com/xds.type.v3.TypedStruct, type_url:"
                + " type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3"
                + ".LocalRateLimit, value: {stat_prefix: s, requestHeadersToAddWhenNotEnforced:"
                + " [{header: {key: X-Zen-Tenant, value: acme}}]}}\n",
            SETS),
        Arguments.of(
            "headers by a rate limit of a route",
            AUTHORIZATION,
            "typed_per_filter_config:\n",
            "typed_per_filter_config:\n"
                + "                            more: {\"@type\":"
                + " type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3"
                + ".LocalRateLimit, stat_prefix: s, request_headers_to_add_when_not_enforced:"
                + " [{header: {key: x-zen-tenant, value: acme}}]}\n",
            SETS));
  }

  private static Arguments timeout(String file, String timeout, String said) {
    return Arguments.of(
        "timeout " + timeout, file, "timeout: \"15s\"", "timeout: " + timeout, said);
  }

  private static Arguments internal(String file) {
    return Arguments.of(
        "an address of the client's choice",
        file,
        "use_remote_address: true",
        "use_remote_address: false",
        "a client's x-forwarded-for makes its request internal");
  }
}
