package io.zenmesh.xds.lint;

import io.zenmesh.xds.document.Documents;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the ways past the processor in somebody's own Envoy configuration: a bootstrap in YAML or
 * JSON, or what {@code /config_dump} answers.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A file without findings has the processor and, directly after it, the proof gate on every
 * route of every connection manager that is meant to ask the processor, both as this product
 * renders them; no other filter that could write the proof or change the route; no second way to
 * the same upstream clusters; and nobody who could answer in the processor's place. It is an allow
 * list: whatever is not recognised there is a finding. Parts of the file that have nothing to do
 * with the processor are not judged. Stateless and thread-safe.
 */
public final class EnvoyLinter {
  /** The largest file, in characters. */
  public static final int MAX_CHARACTERS = 64 * 1024 * 1024;

  private static final String MANAGER =
      "envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager";

  private EnvoyLinter() {}

  /** Every finding, in the order of the file; empty when there is none. */
  public static List<EnvoyFinding> lint(String text) {
    Documents.Reading reading = Documents.read(text, MAX_CHARACTERS);
    List<EnvoyFinding> unreadable =
        reading.problems().stream()
            .map(problem ->
                new EnvoyFinding(
                    problem.at(), problem.path(), problem.text(), "write it out, once and plainly"))
            .toList();
    if (reading.root().isEmpty()) {
      return unreadable;
    }
    Place root = new Place(reading.root().get(), "");
    Findings findings = new Findings();
    Optional<EnvoyFile> file = EnvoyFile.of(root);
    if (file.isEmpty()) {
      findings.add(
          root,
          "neither a bootstrap nor a config dump (expected: static_resources or configs)",
          "lint the file Envoy is started with, or GET /config_dump from its admin interface");
    } else {
      lint(root, file.get(), findings);
    }
    List<EnvoyFinding> all = new ArrayList<>(unreadable);
    all.addAll(findings.all());
    return List.copyOf(all);
  }

  private static void lint(Place root, EnvoyFile file, Findings findings) {
    List<Place> unguarded = new ArrayList<>();
    Set<String> upstreams = new LinkedHashSet<>();
    boolean any = false;
    for (Place listener : file.listeners()) {
      for (Place manager : managers(listener)) {
        if (ChainLint.meant(manager) || routesMean(manager, file)) {
          any = true;
          upstreams.addAll(new ChainLint(file, findings).lint(manager));
        }
      }
      unguarded.addAll(others(listener, file));
    }
    file.elsewhere()
        .ifPresent(source ->
            findings.add(
                source,
                "listeners that are not in this file (expected: all of them)",
                "lint the running Envoy: GET /config_dump from its admin interface"));
    if (!any) {
      findings.add(
          root.get("static_resources").or(() -> root.get("configs")).orElse(root),
          "no listener asks the processor (expected: ext_proc and gate in one at least)",
          Findings.PASTE);
    }
    if (!upstreams.isEmpty()) {
      unguarded.forEach(place -> unseen(place, file, findings));
    }
    for (Place place : unguarded) {
      for (String upstream : upstreams) {
        for (Place around : place.occurrences(upstream)) {
          findings.add(
              around,
              "a way to " + upstream + " that does not ask the processor (expected: none)",
              "ask the processor here too, or give verified requests a cluster of their own");
        }
      }
    }
  }

  /** What may lead around the processor without naming where. */
  private static void unseen(Place place, EnvoyFile file, Findings findings) {
    Optional<Place> manager =
        place.get("typed_config").filter(it -> it.type().equals(MANAGER)).map(Place::typed);
    boolean elsewhere =
        place.get("config_discovery").isPresent()
            || manager
                .filter(it ->
                    it.get("scoped_routes").isPresent()
                        || (it.get("rds").isPresent() && named(it, file).isEmpty()))
                .isPresent();
    if (elsewhere) {
      findings.add(
          place,
          "leads to what is not in this file, perhaps around the processor (expected: all of it)",
          "lint the running Envoy: GET /config_dump from its admin interface");
    }
    for (String chosen : List.of("cluster_header", "cluster_specifier_plugin")) {
      if (place.mentions(chosen)) {
        findings.add(
            place,
            chosen + " leads to any cluster, around the processor (expected: clusters by name)",
            "name the cluster, or ask the processor here too");
      }
    }
  }

  private static List<Place> chains(Place listener) {
    List<Place> chains = new ArrayList<>(listener.items("filter_chains"));
    listener.get("default_filter_chain").ifPresent(chains::add);
    return chains;
  }

  private static List<Place> managers(Place listener) {
    List<Place> managers = new ArrayList<>();
    listener
        .get("api_listener", "api_listener")
        .filter(it -> it.type().equals(MANAGER))
        .ifPresent(it -> managers.add(it.typed()));
    for (Place chain : chains(listener)) {
      for (Place filter : chain.items("filters")) {
        filter
            .get("typed_config")
            .filter(it -> it.type().equals(MANAGER))
            .ifPresent(it -> managers.add(it.typed()));
      }
    }
    return managers;
  }

  /** What of a listener leads somewhere without the processor being meant. */
  private static List<Place> others(Place listener, EnvoyFile file) {
    List<Place> others = new ArrayList<>();
    for (Place chain : chains(listener)) {
      for (Place filter : chain.items("filters")) {
        Optional<Place> manager =
            filter.get("typed_config").filter(it -> it.type().equals(MANAGER)).map(Place::typed);
        boolean meant =
            manager.filter(it -> ChainLint.meant(it) || routesMean(it, file)).isPresent();
        if (!meant) {
          others.add(filter);
          manager.flatMap(it -> named(it, file)).ifPresent(others::add);
        }
      }
    }
    return others;
  }

  private static boolean routesMean(Place manager, EnvoyFile file) {
    return named(manager, file).filter(ChainLint::meant).isPresent();
  }

  private static Optional<Place> named(Place manager, EnvoyFile file) {
    return manager
        .get("rds")
        .map(rds -> rds.text("route_config_name"))
        .flatMap(name -> Optional.ofNullable(file.routes().get(name)));
  }
}
