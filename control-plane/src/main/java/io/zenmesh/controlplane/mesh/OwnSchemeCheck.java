package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.mesh.MeshDocument.EndpointDocument;
import io.zenmesh.extproc.signature.Catalogue;
import io.zenmesh.extproc.signature.OwnSchemes;
import io.zenmesh.extproc.signature.Scheme;
import io.zenmesh.extproc.signature.SchemeFinding;
import io.zenmesh.xds.model.Name;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks the schemes that tenants define themselves, each finding on its own line of the file. */
final class OwnSchemeCheck {
  private static final String KEY = "spec.schemeDefinition";

  private final OwnSchemes schemes;
  private final Problems problems;

  OwnSchemeCheck(Catalogue catalogue, Problems problems) {
    this.schemes = new OwnSchemes(catalogue);
    this.problems = problems;
  }

  /** The scheme, when it has no error. A weakness is its author's choice. */
  Optional<Scheme> read(EndpointDocument endpoint, String name, Located<String> definition) {
    List<SchemeFinding> errors =
        schemes.findings(name, definition.value()).stream().filter(OwnSchemes::isError).toList();
    for (SchemeFinding error : errors) {
      problems.add(
          line(definition, error),
          endpoint.heading().subject(),
          KEY + ": " + error.path() + ": " + printable(error.problem()));
    }
    return errors.isEmpty()
        ? Optional.of(schemes.read(name, definition.value()))
        : Optional.empty();
  }

  /** A block begins on the line after its key; anything else is taken for one line. */
  private static int line(Located<String> definition, SchemeFinding finding) {
    return definition.value().indexOf('\n') < 0
        ? definition.line()
        : definition.line() + finding.line();
  }

  private static String printable(String problem) {
    return problem.replaceAll("[^\\x20-\\x7e]", "?");
  }

  private record Key(Name tenant, String scheme) {}

  /** Per tenant: not too many, and one content for each name. */
  void checkTogether(List<EndpointDocument> endpoints) {
    Map<Name, Integer> count = new HashMap<>();
    Map<Key, Located<String>> first = new HashMap<>();
    for (EndpointDocument endpoint : endpoints) {
      Optional<Located<String>> definition = endpoint.trust().definition();
      if (definition.isEmpty() || endpoint.scheme().isEmpty()) {
        continue;
      }
      Name tenant = endpoint.heading().tenant().value();
      if (count.merge(tenant, 1, Integer::sum) == OwnSchemes.MAX_PER_TENANT + 1) {
        problems.add(
            definition.get().line(),
            endpoint.heading().subject(),
            KEY,
            "more than " + OwnSchemes.MAX_PER_TENANT + " of tenant " + tenant,
            "at most " + OwnSchemes.MAX_PER_TENANT);
      }
      Located<String> other =
          first.putIfAbsent(new Key(tenant, endpoint.scheme().get().value()), definition.get());
      if (other != null && !other.value().equals(definition.get().value())) {
        problems.add(
            definition.get().line(),
            endpoint.heading().subject(),
            KEY,
            "differs from that at line " + other.line(),
            "one content for each name");
      }
    }
  }
}
