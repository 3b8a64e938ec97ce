package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/**
 * Where zenctl finds the control plane, and as whom it comes.
 *
 * @param api {@code https://HOST:PORT}
 * @param identity the operator's certificate, key and trust bundle
 * @param server the only identity accepted as the control plane
 */
record ClientConfig(URI api, IdentityFiles identity, SpiffeId server) {
  private static final Set<String> KEYS = Set.of("api", "identity", "server");
  private static final int MAX_BYTES = 64 * 1024;

  /**
   * Reads a configuration file; a relative identity directory is taken from the file's own.
   *
   * @throws CliException when it is missing or wrong, with all problems
   */
  static ClientConfig read(Path file) {
    JsonNode root = parse(file);
    List<String> problems = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(root.propertyNames());
    unknown.removeAll(KEYS);
    unknown.forEach(key -> problems.add(key + ": unknown key (expected: api, identity, server)"));
    Optional<URI> api =
        text(root, "api", "https://HOST:PORT", problems).flatMap(it -> url(it, problems));
    Optional<String> identity = text(root, "identity", "a directory", problems);
    Optional<SpiffeId> server =
        text(root, "server", "spiffe://domain/control-plane", problems)
            .flatMap(it -> {
              Optional<SpiffeId> id = SpiffeId.parse(it);
              if (id.isEmpty()) {
                problems.add("server: malformed (expected: spiffe://domain/control-plane)");
              }
              return id;
            });
    if (!problems.isEmpty() || api.isEmpty() || identity.isEmpty() || server.isEmpty()) {
      throw CliException.usage(file + ": " + String.join("; ", problems));
    }
    Path directory = file.toAbsolutePath().resolveSibling(identity.get());
    return new ClientConfig(api.get(), new IdentityFiles(directory), server.get());
  }

  private static JsonNode parse(Path file) {
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
      JsonNode root = new YAMLMapper().readTree(Files.readString(file));
      if (!root.isObject()) {
        throw CliException.usage(file + ": not a mapping (expected: api, identity, server)");
      }
      return root;
    } catch (IOException e) {
      throw CliException.usage("config: " + file + " cannot be read (expected: a readable file)");
    } catch (JacksonException e) {
      throw CliException.usage(file + ": not well-formed (expected: YAML)");
    }
  }

  private static Optional<String> text(
      JsonNode root, String key, String expected, List<String> problems) {
    JsonNode value = root.get(key);
    if (value == null || !value.isString()) {
      problems.add(key + ": missing (expected: " + expected + ")");
      return Optional.empty();
    }
    return Optional.of(value.asString());
  }

  private static Optional<URI> url(String text, List<String> problems) {
    try {
      URI url = URI.create(text);
      if ("https".equals(url.getScheme())
          && url.getHost() != null
          && url.getPort() > 0
          && url.getRawPath().isEmpty()) {
        return Optional.of(url);
      }
    } catch (IllegalArgumentException e) {
      // told below, like any other form
    }
    problems.add("api: malformed (expected: https://HOST:PORT)");
    return Optional.empty();
  }
}
