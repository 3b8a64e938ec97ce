package io.zenmesh.extproc.signature;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** The schemes that ship with the product, by name. Immutable, thread-safe. */
public final class Catalogue {
  private static final String INDEX = "INDEX";

  private final SortedMap<String, Scheme> schemes;

  private Catalogue(SortedMap<String, Scheme> schemes) {
    this.schemes = Collections.unmodifiableSortedMap(schemes);
  }

  private static final class Bundled {
    static final Catalogue CATALOGUE = load();
  }

  /** The catalogue in this jar; parsed at the first call, then shared. */
  public static Catalogue bundled() {
    return Bundled.CATALOGUE;
  }

  /** The scheme of this name. */
  public Optional<Scheme> find(String name) {
    return Optional.ofNullable(schemes.get(name));
  }

  /** All schemes, by name. */
  public Collection<Scheme> schemes() {
    return schemes.values();
  }

  /**
   * The JSON Schema of the scheme language, for editors and forms; {@link SchemeLinter} decides.
   */
  public static String schemeSchema() {
    return text("scheme.schema.json");
  }

  private static Catalogue load() {
    SortedMap<String, Scheme> schemes = new TreeMap<>();
    for (String name : resource(INDEX).lines().toList()) {
      Scheme scheme = Scheme.parse(resource(name + ".yaml"));
      if (!scheme.name().equals(name) || schemes.put(name, scheme) != null) {
        throw new IllegalStateException(
            "catalogue: " + name + " (expected: one document of that name)");
      }
    }
    return new Catalogue(schemes);
  }

  private static String resource(String name) {
    return text("catalogue/" + name);
  }

  private static String text(String name) {
    try (InputStream in = Catalogue.class.getResourceAsStream(name)) {
      if (in == null) {
        throw new IllegalStateException(name + ": missing (expected: in this jar)");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(name, e);
    }
  }
}
