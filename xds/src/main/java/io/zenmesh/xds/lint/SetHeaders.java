package io.zenmesh.xds.lint;

import io.zenmesh.xds.resource.ResultHeaders;
import java.util.List;

/** Nobody but the processor says what was verified. */
final class SetHeaders {
  private SetHeaders() {}

  /** Judges what a part of the routes adds to requests. */
  static void ofRoute(Place holder, Findings findings) {
    options(holder.items("request_headers_to_add"), findings);
  }

  /** Judges every list of headers that a filter's configuration adds to requests, however deep. */
  static void ofFilter(Place config, Findings findings) {
    config.items().forEach(item -> ofFilter(item, findings));
    config
        .fields()
        .forEach((field, value) -> {
          if (field.contains("headers_to_add") && !field.startsWith("response_")) {
            options(value.items(), findings);
          }
          ofFilter(value, findings);
        });
  }

  private static void options(List<Place> options, Findings findings) {
    for (Place option : options) {
      String key = option.get("header").map(header -> header.text("key")).orElse("");
      // Many servers read x_zen_tenant as x-zen-tenant.
      String read = key.replace('_', '-');
      if (key.isEmpty()
          || read.regionMatches(true, 0, ResultHeaders.PREFIX, 0, ResultHeaders.PREFIX.length())) {
        findings.add(
            option,
            "sets a header under x-zen- (expected: only the processor does)",
            "remove it, or choose another name");
      }
    }
  }
}
