package io.zenmesh.extproc.standalone;

import io.zenmesh.extproc.policy.ActivePolicies;
import io.zenmesh.extproc.signature.Catalogue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** A folder with an endpoints.yaml and its secrets, and what was made of it. */
final class ConfigFolder {
  static final String ZEN_KEY = "zenk1_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
  static final String GOOD =
      """
      listen: /run/zen/extproc.sock
      replay: {memory: {}}
      endpoints:
        - tenant: acme
          name: orders
          scheme: zen
          secrets: [{file: orders}]
        - tenant: acme
          name: payments
          scheme: stripe
          secrets:
            - {directory: mounted, key: payments}
            - {env: PAYMENTS_NEXT}
      """;

  final Path folder;
  Function<String, Optional<String>> environment =
      name -> Optional.ofNullable(Map.of("PAYMENTS_NEXT", "whsec_next").get(name));
  final List<String> outcomes = new ArrayList<>();
  final ActivePolicies policies = new ActivePolicies(Catalogue.bundled(), outcomes::add);

  ConfigFolder(Path folder) throws IOException {
    this.folder = folder;
    config(GOOD);
    secret("orders", ZEN_KEY, "rw-------");
    mount("1", "whsec_first");
  }

  Path file() {
    return folder.resolve("endpoints.yaml");
  }

  void config(String text) throws IOException {
    Files.writeString(file(), text);
  }

  Path secret(String name, String text, String mode) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.toAbsolutePath().getParent());
    Files.writeString(file, text + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  /** As Kubernetes does: a new directory, and a link renamed over the one before. */
  void mount(String version, String payments) throws IOException {
    var _ = secret("mounted/..v" + version + "/payments", payments, "rw-r--r--");
    Path mounted = folder.resolve("mounted");
    Path link = Files.createSymbolicLink(mounted.resolve("..tmp"), Path.of("..v" + version));
    Files.move(link, mounted.resolve("..data"), StandardCopyOption.ATOMIC_MOVE);
    if (!Files.exists(mounted.resolve("payments"))) {
      Files.createSymbolicLink(mounted.resolve("payments"), Path.of("..data", "payments"));
    }
  }

  /** One endpoint with a scheme of its own, read from a file beside. */
  void ownScheme(Path definition) throws IOException {
    config(
        """
        listen: /run/zen/extproc.sock
        replay: {memory: {}}
        endpoints:
          - tenant: acme
            name: orders
            scheme: own
            definition: {file: %s}
            secrets: [{file: orders}]
        """
            .formatted(definition));
  }

  ConfigWatch.Start read() throws UnusableConfigException {
    return ConfigWatch.read(file(), Catalogue.bundled(), name -> environment.apply(name));
  }

  ConfigWatch watch() throws UnusableConfigException {
    return ConfigWatch.of(
        read(),
        Catalogue.bundled(),
        policies,
        new ReloadObserver() {
          @Override
          public void taken() {
            outcomes.add("taken");
          }

          @Override
          public void refused() {
            outcomes.add("refused");
          }
        });
  }

  long generation() {
    return policies.current().orElseThrow().generation();
  }
}
