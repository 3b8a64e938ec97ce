package io.zenmesh.controlplane.cli;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.Name;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import tools.jackson.databind.JsonNode;

/**
 * Where zenctl finds the control plane, and as whom it comes.
 *
 * @param api {@code https://HOST:PORT}
 * @param credential what it shows
 * @param server the only identity accepted as the control plane
 * @param tenant whose things are meant where a command does not say
 */
record ClientConfig(URI api, Credential credential, SpiffeId server, Optional<Name> tenant) {
  private static final Set<String> KEYS =
      Set.of("api", "identity", "tokenFile", "bundle", "server", "tenant");

  /** What is shown. */
  sealed interface Credential {
    /** A certificate, with its key and the trust bundle. */
    record Certificate(IdentityFiles files) implements Credential {}

    /** A token in a file of its own, with the trust bundle. */
    record Token(Path bundle, Path file) implements Credential {}
  }

  /**
   * Reads a configuration file; relative paths are taken from the file's own directory.
   *
   * @param context the one to be used; empty for the file's current one
   * @throws CliException when it is missing or wrong, with all problems
   */
  static ClientConfig read(Path file, Optional<String> context) {
    JsonNode root = ContextFile.read(file).chosen(context);
    List<String> problems = new ArrayList<>();
    Set<String> unknown = new TreeSet<>(root.propertyNames());
    unknown.removeAll(KEYS);
    unknown.forEach(key ->
        problems.add(
            key
                + ": unknown key (expected: api, identity or tokenFile and bundle, server, tenant)"));
    Optional<URI> api =
        text(root, "api", "https://HOST:PORT", problems).flatMap(it -> url(it, problems));
    Optional<Credential> credential = credential(file, root, problems);
    Optional<SpiffeId> server =
        text(root, "server", "spiffe://domain/control-plane", problems)
            .flatMap(it -> {
              Optional<SpiffeId> id = SpiffeId.parse(it);
              if (id.isEmpty()) {
                problems.add("server: malformed (expected: spiffe://domain/control-plane)");
              }
              return id;
            });
    Optional<Name> tenant =
        Optional.ofNullable(root.get("tenant"))
            .map(it -> it.asString(""))
            .filter(it -> named(it, problems))
            .map(Name::new);
    if (!problems.isEmpty() || api.isEmpty() || credential.isEmpty() || server.isEmpty()) {
      throw CliException.usage(file + ": " + String.join("; ", problems));
    }
    return new ClientConfig(api.get(), credential.get(), server.get(), tenant);
  }

  private static boolean named(String tenant, List<String> problems) {
    boolean valid = Name.isValid(tenant);
    if (!valid) {
      problems.add("tenant: malformed (expected: a tenant's name)");
    }
    return valid;
  }

  private static Optional<Credential> credential(Path file, JsonNode root, List<String> problems) {
    Path folder = file.toAbsolutePath().resolveSibling("");
    if (root.has("tokenFile")) {
      Optional<String> token = text(root, "tokenFile", "a file", problems);
      Optional<String> bundle = text(root, "bundle", "the file of the trust bundle", problems);
      return token.flatMap(it ->
          bundle.map(roots -> new Credential.Token(folder.resolve(roots), folder.resolve(it))));
    }
    return text(root, "identity", "a directory", problems)
        .map(it -> new Credential.Certificate(new IdentityFiles(folder.resolve(it))));
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
