package io.zenmesh.xds.lint;

import io.zenmesh.xds.document.Documents;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
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
 * renders them; no other filter that could write the proof or change the route; nobody who could
 * answer in the processor's place; and no other way to the same upstreams: by cluster, address or
 * EDS service, through an aggregate, or through what chooses its cluster or address itself. It is
 * an allow list: whatever is not recognised is a finding. Of what leads elsewhere nothing more is
 * judged. Stateless and thread-safe.
 */
public final class EnvoyLinter {
  /** The largest file, in characters. */
  public static final int MAX_CHARACTERS = 64 * 1024 * 1024;

  private EnvoyLinter() {}

  /**
   * Every finding, in the order of the file; empty when there is none. Without knowledge of the
   * endpoints a gate that admits a dry run is one.
   */
  public static List<EnvoyFinding> lint(String text) {
    return lint(text, Optional.empty());
  }

  /**
   * The same of an Envoy that serves these endpoints and no others: a dry run only where it says
   * so, and the response shown where the scheme needs it.
   */
  public static List<EnvoyFinding> lint(String text, KnownEndpoints endpoints) {
    return lint(text, Optional.of(endpoints));
  }

  private static List<EnvoyFinding> lint(String text, Optional<KnownEndpoints> endpoints) {
    return report(text, endpoints).findings();
  }

  /**
   * What is said of a file.
   *
   * @param read whether the text is a document at all; if not, the findings say why
   * @param findings in the order of the file
   */
  public record Report(boolean read, List<EnvoyFinding> findings) {
    /** Copies the list. */
    public Report {
      findings = List.copyOf(findings);
    }
  }

  /**
   * The same, with whether the text could be read.
   *
   * @param endpoints those that the Envoy serves; empty when nothing is known of them
   */
  public static Report report(String text, Optional<KnownEndpoints> endpoints) {
    Documents.Reading reading = Documents.read(text, MAX_CHARACTERS);
    List<EnvoyFinding> unreadable =
        reading.problems().stream()
            .map(problem ->
                new EnvoyFinding(
                    problem.at(), problem.path(), problem.text(), "write it out, once and plainly"))
            .toList();
    if (reading.root().isEmpty()) {
      return new Report(false, unreadable);
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
      lint(root, file.get(), endpoints, findings);
      findings.spellings(root);
    }
    List<EnvoyFinding> all = new ArrayList<>(unreadable);
    all.addAll(findings.all());
    return new Report(true, all);
  }

  private static void lint(
      Place root, EnvoyFile file, Optional<KnownEndpoints> endpoints, Findings findings) {
    ChainLint chains = new ChainLint(file, endpoints, findings);
    Set<String> guarded = new LinkedHashSet<>();
    Set<Place> asking = new LinkedHashSet<>();
    for (Place listener : file.listeners()) {
      managers(listener)
          .forEach((manager, chain) -> {
            if (asks(manager, file)) {
              asking.add(listener);
              guarded.addAll(chains.lint(manager, chain));
            }
          });
    }
    file.elsewhere()
        .ifPresent(source ->
            findings.add(
                source,
                "listeners that are not in this file (expected: all of them)",
                "lint the running Envoy: GET /config_dump from its admin interface"));
    if (asking.isEmpty()) {
      findings.add(
          root.get("static_resources").or(() -> root.get("configs")).orElse(root),
          "no listener asks the processor (expected: ext_proc and gate in one at least)",
          Findings.PASTE);
      return;
    }
    file.clusters().values().forEach(cluster -> ports(cluster, findings));
    OtherWays others = new OtherWays(file, new Upstreams(file, guarded), findings);
    for (Place listener : file.listeners()) {
      others.listener(listener);
      others(listener, asking.contains(listener), file, others);
    }
  }

  /** Readers differ in what 0x1F90 or 017620 is, and addresses are compared as they are written. */
  private static void ports(Place cluster, Findings findings) {
    for (Place port : cluster.fieldsNamed("port_value")) {
      if (port.text().filter(text -> text.matches("0|[1-9][0-9]{0,4}")).isEmpty()) {
        findings.add(
            port, "a port that is not plain (expected: decimal digits)", "write it in decimal");
      }
    }
  }

  /** The connection managers of a listener, each with its chain. */
  private static Map<Place, Place> managers(Place listener) {
    Map<Place, Place> managers = new LinkedHashMap<>();
    listener
        .get("api_listener", "api_listener")
        .filter(it -> it.type().equals(EnvoyFile.MANAGER))
        .ifPresent(it -> managers.put(it.typed(), it));
    for (Place chain : EnvoyFile.chains(listener)) {
      for (Place filter : chain.items("filters")) {
        EnvoyFile.manager(filter).ifPresent(it -> managers.put(it, chain));
      }
    }
    return managers;
  }

  /** What of a listener leads somewhere without the processor being meant. */
  private static void others(Place listener, boolean beside, EnvoyFile file, OtherWays others) {
    listener
        .get("api_listener")
        .ifPresent(api -> {
          Optional<Place> manager =
              api.get("api_listener").filter(it -> it.type().equals(EnvoyFile.MANAGER));
          if (manager.isEmpty()) {
            others.unknown(api, api.get("api_listener").map(Place::type).orElse(""), beside);
          } else if (!asks(manager.get().typed(), file)) {
            others.manager(manager.get().typed());
          }
        });
    for (Place chain : EnvoyFile.chains(listener)) {
      others.chain(chain);
      for (Place filter : chain.items("filters")) {
        if (EnvoyFile.manager(filter).filter(it -> asks(it, file)).isEmpty()) {
          others.lint(filter, beside);
        }
      }
    }
  }

  private static boolean asks(Place manager, EnvoyFile file) {
    return ChainLint.meant(manager) || file.routesOf(manager).filter(ChainLint::meant).isPresent();
  }
}
