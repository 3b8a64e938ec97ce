package io.zenmesh.extproc.signature;

import io.zenmesh.extproc.signature.SchemeFinding.Severity;
import io.zenmesh.xds.model.SchemeSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Reads the schemes that tenants write themselves: the catalogue's language, under names that the
 * catalogue does not have. Pure, thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>What a tenant writes cannot change what a catalogue name means, lets no message say where a
 * key is fetched (only the scheme itself may name one key set), and is no longer than {@value
 * SchemeSettings#MAX_DEFINITION_LENGTH} characters.
 */
public final class OwnSchemes {
  /** How many endpoints of one tenant may have a scheme of their own. */
  public static final int MAX_PER_TENANT = 64;

  private final Catalogue catalogue;

  public OwnSchemes(Catalogue catalogue) {
    this.catalogue = catalogue;
  }

  /**
   * Everything that is wrong or weak, in the order of the document.
   *
   * @param name what the endpoint calls it, which the document must too
   */
  public List<SchemeFinding> findings(String name, String definition) {
    if (definition.length() > SchemeSettings.MAX_DEFINITION_LENGTH) {
      return List.of(
          new SchemeFinding(
              1,
              1,
              "document",
              Severity.ERROR,
              definition.length()
                  + " characters (expected: at most "
                  + SchemeSettings.MAX_DEFINITION_LENGTH
                  + ")"));
    }
    List<SchemeFinding> findings = new ArrayList<>(SchemeLinter.lint(definition));
    if (findings.stream().noneMatch(OwnSchemes::isError)) {
      Scheme scheme = Scheme.parse(definition);
      YamlPositions positions = YamlPositions.of(definition);
      if (catalogue.find(scheme.name()).isPresent()) {
        findings.add(
            positions.at(
                "name",
                Severity.ERROR,
                scheme.name() + " (expected: a name that the catalogue does not have)"));
      } else if (!scheme.name().equals(name)) {
        findings.add(
            positions.at(
                "name",
                Severity.ERROR,
                scheme.name() + " (expected: the name by which the endpoint calls it)"));
      }
      if (fetchesKeys(scheme)) {
        findings.add(
            positions.at(
                "signature.keyFrom",
                Severity.ERROR,
                "given (expected: own keys or a key set's URL in a scheme of one's own)"));
      }
    }
    return List.copyOf(findings);
  }

  /**
   * Reads one.
   *
   * @throws InvalidSchemeException with every error; warnings do not count
   */
  public Scheme read(String name, String definition) {
    List<String> errors =
        findings(name, definition).stream()
            .filter(OwnSchemes::isError)
            .map(SchemeFinding::toString)
            .toList();
    if (!errors.isEmpty()) {
      throw new InvalidSchemeException(errors);
    }
    return Scheme.parse(definition);
  }

  /**
   * The scheme of an endpoint: its own, else the catalogue's of that name.
   *
   * @throws InvalidSchemeException when it is its own, and has an error
   */
  public Optional<Scheme> find(String name, Optional<String> definition) {
    return definition.isPresent()
        ? Optional.of(read(name, definition.get()))
        : catalogue.find(name);
  }

  /** Whether it verifies with what is fetched from where a message or the scheme says. */
  private static boolean fetchesKeys(Scheme scheme) {
    return scheme.signatures().stream()
        .anyMatch(signature ->
            switch (signature.origin()) {
              case KeyOrigin.Endpoint own -> false;
              // One place, of the author's choice; certificates' places are the sender's.
              case KeyOrigin.KeySet set -> set.url().isEmpty();
              case KeyOrigin.Certificate certificate -> true;
            });
  }

  /** Whether the document cannot be used. */
  public static boolean isError(SchemeFinding finding) {
    return finding.severity() == Severity.ERROR;
  }
}
