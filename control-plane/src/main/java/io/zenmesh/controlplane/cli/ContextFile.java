package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * A configuration file: either one context, flat, or several under {@code contexts} with the name
 * of the {@code current} one.
 */
final class ContextFile {
  private static final int MAX_BYTES = 64 * 1024;
  private static final YAMLMapper YAML = new YAMLMapper();

  private final Path file;
  private final ObjectNode root;

  private ContextFile(Path file, ObjectNode root) {
    this.file = file;
    this.root = root;
  }

  /**
   * Reads it.
   *
   * @throws CliException when it is missing or no mapping
   */
  static ContextFile read(Path file) {
    try {
      if (!Files.isRegularFile(file)) {
        throw CliException.usage(
            "config: "
                + file
                + " does not exist (expected: a file; './zen up' writes one, --config names another)");
      }
      if (Files.size(file) > MAX_BYTES) {
        throw CliException.usage(file + ": too large (expected: at most " + MAX_BYTES + " bytes)");
      }
      if (YAML.readTree(Files.readString(file)) instanceof ObjectNode root) {
        return new ContextFile(file, root);
      }
      throw CliException.usage(file + ": not a mapping (expected: api, identity, server)");
    } catch (IOException e) {
      throw CliException.usage("config: " + file + " cannot be read (expected: a readable file)");
    } catch (JacksonException e) {
      throw CliException.usage(file + ": not well-formed (expected: YAML)");
    }
  }

  /** Reads it, or begins an empty one. */
  static ContextFile readOrNew(Path file) {
    return Files.exists(file) ? read(file) : new ContextFile(file, YAML.createObjectNode());
  }

  private boolean flat() {
    return !root.has("contexts") && !root.isEmpty();
  }

  /** The context of that name, else the current one. */
  JsonNode chosen(Optional<String> name) {
    if (flat()) {
      if (name.isPresent()) {
        throw CliException.usage(file + ": has no contexts (expected: without --context)");
      }
      return root;
    }
    String wanted = name.orElseGet(this::current);
    JsonNode context = root.path("contexts").get(wanted);
    if (context == null || !context.isObject()) {
      throw CliException.usage(
          file + ": context: " + wanted + " (expected: one of " + names() + ")");
    }
    return context;
  }

  String current() {
    return root.path("current").asString("");
  }

  List<String> names() {
    return new ArrayList<>(root.path("contexts").propertyNames());
  }

  JsonNode context(String name) {
    return root.path("contexts").path(name);
  }

  /** Makes a context the current one. */
  void use(String name) {
    if (!root.path("contexts").has(name)) {
      throw CliException.usage(file + ": context: " + name + " (expected: one of " + names() + ")");
    }
    root.put("current", name);
    write();
  }

  /** Makes or changes a context; the first one becomes the current one. */
  void set(String name, List<String> keys, List<String> values) {
    if (flat()) {
      throw CliException.usage(
          file + ": holds one context without a name (expected: contexts; move it there)");
    }
    ObjectNode contexts =
        root.get("contexts") instanceof ObjectNode there ? there : root.putObject("contexts");
    ObjectNode context =
        contexts.get(name) instanceof ObjectNode there ? there : contexts.putObject(name);
    for (int i = 0; i < keys.size(); i++) {
      context.put(keys.get(i), values.get(i));
    }
    if (current().isEmpty()) {
      root.put("current", name);
    }
    write();
  }

  private void write() {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.writeString(next, YAML.writeValueAsString(root));
      Files.move(next, file, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw CliException.failed(file + ": cannot be written");
    }
  }
}
