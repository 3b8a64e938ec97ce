package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.model.Name;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A ZenLock object of Kubernetes, {@code security.kube-zen.io/v1alpha1}: values sealed with age
 * under their keys. At most {@value #MOST_KEYS} keys.
 *
 * @param name of the object
 * @param sealed the age file of each key, in the order of the keys
 * @param subjects whether the object says who may use it, which has no meaning here
 */
record ZenLock(String name, SortedMap<String, byte[]> sealed, boolean subjects) {
  static final int MOST_KEYS = 100;

  private static final String VERSION = "security.kube-zen.io/v1alpha1";
  private static final YAMLMapper YAML =
      YAMLMapper.builder(
              YAMLFactory.builder()
                  .loadSettings(LoadSettings.builder().setMaxAliasesForCollections(0).build())
                  .build())
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .build();

  /**
   * Reads one object.
   *
   * @throws IllegalArgumentException when the text holds anything else; names the field
   */
  static ZenLock parse(byte[] text) {
    JsonNode object = only(text);
    expect("apiVersion", object.path("apiVersion"), VERSION);
    expect("kind", object.path("kind"), "ZenLock");
    JsonNode spec = object.path("spec");
    if (spec.has("algorithm")) {
      expect("spec.algorithm", spec.path("algorithm"), "age");
    }
    JsonNode name = object.path("metadata").path("name");
    if (!name.isString()) {
      throw new IllegalArgumentException("metadata.name: missing (expected: a text)");
    }
    return new ZenLock(
        name.asString(), sealed(spec.path("encryptedData")), spec.has("allowedSubjects"));
  }

  private static JsonNode only(byte[] text) {
    try (MappingIterator<JsonNode> documents = YAML.readerFor(JsonNode.class).readValues(text)) {
      if (!documents.hasNext()) {
        throw new IllegalArgumentException("document: missing (expected: one ZenLock)");
      }
      JsonNode first = documents.next();
      if (documents.hasNext()) {
        throw new IllegalArgumentException("document: more than one (expected: one ZenLock)");
      }
      return first;
    } catch (JacksonException e) {
      throw new IllegalArgumentException(
          "line " + e.getLocation().getLineNr() + ": malformed (expected: YAML, each key once)", e);
    }
  }

  private static void expect(String field, JsonNode value, String expected) {
    if (!value.asString("").equals(expected)) {
      throw new IllegalArgumentException(
          field + ": " + value.asString("missing") + " (expected: " + expected + ")");
    }
  }

  private static SortedMap<String, byte[]> sealed(JsonNode data) {
    if (!data.isObject() || data.isEmpty() || data.size() > MOST_KEYS) {
      throw new IllegalArgumentException(
          "spec.encryptedData: "
              + data.size()
              + " keys (expected: a mapping of 1 to "
              + MOST_KEYS
              + ")");
    }
    SortedMap<String, byte[]> sealed = new TreeMap<>();
    for (Map.Entry<String, JsonNode> field : data.properties()) {
      try {
        sealed.put(
            field.getKey(), Base64.getMimeDecoder().decode(strict(field.getValue().asString(""))));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "spec.encryptedData." + field.getKey() + ": malformed (expected: base64 of age)", e);
      }
    }
    return sealed;
  }

  /** The lenient decoder is for line breaks only. */
  private static String strict(String text) {
    if (!text.matches("[A-Za-z0-9+/=\\s]+")) {
      throw new IllegalArgumentException("not base64");
    }
    return text;
  }

  /**
   * What each key's secret is called: the prefix and the key in lower case, with {@code -} for
   * {@code _} and {@code .}.
   *
   * @return names by key, in the order of the keys
   * @throws IllegalArgumentException when one is no name, or two are the same
   */
  Map<String, Name> names(String prefix) {
    Map<String, Name> names = new LinkedHashMap<>();
    for (String key : sealed.keySet()) {
      String text = prefix + key.toLowerCase(Locale.ROOT).replaceAll("[_.]", "-");
      Name name;
      try {
        name = new Name(text);
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(
            "spec.encryptedData." + key + ": " + e.getMessage() + "; --prefix gives another", e);
      }
      if (names.containsValue(name)) {
        throw new IllegalArgumentException(
            "spec.encryptedData." + key + ": is " + name + " like another key");
      }
      names.put(key, name);
    }
    return names;
  }
}
