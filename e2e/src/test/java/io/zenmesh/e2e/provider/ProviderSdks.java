package io.zenmesh.e2e.provider;

import io.zenmesh.e2e.harness.StateDirectory;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The providers' own signers for Node.js: versions and checksums are those of {@code
 * package-lock.json}, fetched once into the cache directory.
 */
final class ProviderSdks {
  private static final long FETCH_SECONDS = 300;
  private static final long SIGN_SECONDS = 120;
  private static final JsonMapper JSON = new JsonMapper();

  private final Path folder;

  private ProviderSdks(Path folder) {
    this.folder = folder;
  }

  /** They cannot be had here; the message says why. */
  static final class NotAvailable extends Exception {
    private static final long serialVersionUID = 1L;

    NotAvailable(String why) {
      super(why);
    }
  }

  /** What was fetched before, else fetches it. */
  static ProviderSdks open() throws NotAvailable, IOException, InterruptedException {
    byte[] lock = resource("package-lock.json");
    Path parent = Files.createDirectories(StateDirectory.cacheDirectory().resolve("providers"));
    Path folder = parent.resolve(digest(lock));
    if (!Files.isDirectory(folder)) {
      Path draft = Files.createTempDirectory(parent, "fetch");
      Files.write(draft.resolve("package-lock.json"), lock);
      Files.write(draft.resolve("package.json"), resource("package.json"));
      fetch(draft);
      if (!Files.isDirectory(folder)) {
        Files.move(draft, folder);
      }
    }
    Files.write(folder.resolve("sign.mjs"), resource("sign.mjs"));
    return new ProviderSdks(folder);
  }

  private static void fetch(Path draft) throws NotAvailable, IOException, InterruptedException {
    Path log = draft.resolve("npm.log");
    try {
      Process npm =
          new ProcessBuilder(
                  "npm",
                  "ci",
                  "--omit-lockfile-registry-resolved",
                  "--ignore-scripts",
                  "--no-audit",
                  "--no-fund",
                  "--cache",
                  StateDirectory.cacheDirectory().resolve("npm").toString())
              .directory(draft.toFile())
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start();
      if (!npm.waitFor(FETCH_SECONDS, TimeUnit.SECONDS)) {
        npm.destroyForcibly();
        throw new NotAvailable("npm ci: not done after " + FETCH_SECONDS + " s");
      }
      if (npm.exitValue() != 0) {
        List<String> said = Files.readAllLines(log);
        throw new NotAvailable(
            "npm ci: status " + npm.exitValue() + ": " + said.stream().limit(3).toList());
      }
    } catch (IOException noNpm) {
      throw new NotAvailable("npm: cannot be started");
    }
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream in = ProviderSdks.class.getResourceAsStream(name)) {
      return Objects.requireNonNull(in, name).readAllBytes();
    }
  }

  private static String digest(byte[] bytes) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
      return HexFormat.of().formatHex(Arrays.copyOf(digest, 8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /** Signs all of them in one process, in their order. */
  List<JsonNode> sign(List<JsonNode> requests) throws IOException, InterruptedException {
    Path in = Files.createTempFile(folder, "requests", ".jsonl");
    Path out = Files.createTempFile(folder, "signed", ".jsonl");
    try {
      Files.write(in, requests.stream().map(JsonNode::toString).toList());
      Process node =
          new ProcessBuilder("node", folder.resolve("sign.mjs").toString(), folder.toString())
              .redirectInput(in.toFile())
              .redirectOutput(out.toFile())
              .start();
      String errors = new String(node.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
      if (!node.waitFor(SIGN_SECONDS, TimeUnit.SECONDS) || node.exitValue() != 0) {
        node.destroyForcibly();
        throw new IOException("sign.mjs: " + errors);
      }
      return Files.readAllLines(out).stream().map(JSON::readTree).toList();
    } finally {
      Files.delete(in);
      Files.delete(out);
    }
  }
}
