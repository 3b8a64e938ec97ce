package io.zenmesh.xds.lint;

import io.zenmesh.xds.standalone.StandaloneEndpoint.Way;
import java.math.BigDecimal;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a route that asks the processor must be like beside its filters: how long, and from where.
 */
final class RouteTerms {
  private static final Pattern SECONDS = Pattern.compile("([0-9]{1,9}(\\.[0-9]{1,9})?)s");
  // The claim on a message lives 60 s; see docs/standalone.md.
  private static final BigDecimal LONGEST = BigDecimal.valueOf(15);

  private RouteTerms() {}

  /** An answer that comes after the claim has ended may be to a message that was sent again. */
  static void timeout(Place action, Findings findings) {
    // Envoy's own is 15 s.
    Optional<Place> timeout = action.get("timeout").filter(it -> !it.isUnset());
    Optional<BigDecimal> seconds =
        timeout
            .flatMap(Place::text)
            .map(SECONDS::matcher)
            .filter(Matcher::matches)
            .map(match -> new BigDecimal(match.group(1)));
    boolean kept =
        timeout.isEmpty()
            || seconds.filter(it -> it.signum() > 0 && it.compareTo(LONGEST) <= 0).isPresent();
    if (!kept) {
      findings.add(
          timeout.orElse(action),
          "longer than a claim on a message is sure to be kept (expected: above 0s, at most 15s; 0s"
              + " is none)",
          "set timeout: 15s, or leave it out");
    }
  }

  /** A route serves its endpoint's host and path, and no others. */
  static void way(Place host, Place route, String endpoint, Way way, Findings findings) {
    for (Place domain : host.items("domains")) {
      String name = domain.text().orElse("").replaceFirst(":(\\*|[0-9]+)$", "");
      if (!name.toLowerCase(Locale.ROOT).equals(way.host())) {
        findings.add(
            domain,
            "a host that is not " + endpoint + "'s (expected: " + way.host() + ")",
            "name the route as the endpoint of this host, or move it");
      }
    }
    Optional<Place> path = route.get("match", "path");
    if (path.flatMap(Place::text).filter(way.path()::equals).isEmpty()) {
      findings.add(
          path.or(() -> route.get("match")).orElse(route),
          "a path that is not " + endpoint + "'s (expected: path: " + way.path() + ")",
          "name the route as the endpoint of this path, or match the path exactly");
    }
  }
}
