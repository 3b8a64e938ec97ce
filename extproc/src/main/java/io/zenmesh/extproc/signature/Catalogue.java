package io.zenmesh.extproc.signature;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The schemes that ship with the product, by name; each is read when it is first asked for, from
 * the compact form of its document. Immutable, thread-safe.
 */
public final class Catalogue {
  private static final String INDEX = "INDEX";
  private static final String COMPACT = "catalogue.compact";

  private final SortedMap<String, Entry> entries;

  private Catalogue(SortedMap<String, Entry> entries) {
    this.entries = Collections.unmodifiableSortedMap(entries);
  }

  /** One scheme, read once. That it can be read is a test's to know, not a start's. */
  private static final class Entry {
    private final String name;
    private final String document;
    private volatile @Nullable Scheme scheme;

    Entry(String name, String document) {
      this.name = name;
      this.document = document;
    }

    Scheme scheme() {
      Scheme known = scheme;
      if (known == null) {
        known = SchemeReader.readCompact(document);
        if (!known.name().equals(name)) {
          throw new IllegalStateException(
              "catalogue: " + name + " (expected: one document of that name)");
        }
        scheme = known;
      }
      return known;
    }
  }

  private static final class Bundled {
    static final Catalogue CATALOGUE = load();
  }

  /** The catalogue in this jar. */
  public static Catalogue bundled() {
    return Bundled.CATALOGUE;
  }

  /** The scheme of this name. */
  public Optional<Scheme> find(String name) {
    return Optional.ofNullable(entries.get(name)).map(Entry::scheme);
  }

  /** All schemes, by name. */
  public Collection<Scheme> schemes() {
    return entries.values().stream().map(Entry::scheme).toList();
  }

  /**
   * The JSON Schema of the scheme language, for editors and forms; {@link SchemeLinter} decides.
   */
  public static String schemeSchema() {
    return text("scheme.schema.json");
  }

  private static Catalogue load() {
    List<String> names = resource(INDEX).lines().toList();
    List<String> documents = List.of(text(COMPACT).split("\n\n"));
    SortedMap<String, Entry> entries = new TreeMap<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i);
      if (documents.size() != names.size()
          || entries.put(name, new Entry(name, documents.get(i))) != null) {
        throw new IllegalStateException(
            "catalogue: " + name + " (expected: one document of that name)");
      }
    }
    return new Catalogue(entries);
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
