package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.model.HostPort;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Where the processors find Redis.
 *
 * @param address reached by TLS only
 * @param user the ACL user
 * @param passwordFile holds the user's password, mode 0600
 * @param identity the client certificate it wants and the CA of its own; empty when both are of the
 *     mesh's development PKI
 */
public record RedisStore(
    HostPort address, String user, Path passwordFile, Optional<IdentityFiles> identity) {
  static final String URL = "ZEN_REDIS_URL";
  static final String USER = "ZEN_REDIS_USER";
  static final String PASSWORD_FILE = "ZEN_REDIS_PASSWORD_FILE";
  static final String CREDENTIALS = "ZEN_REDIS_CREDENTIALS";
  private static final int DEFAULT_PORT = 6379;

  /**
   * The store that the environment names: {@code ZEN_REDIS_URL} as {@code rediss://host:port},
   * {@code ZEN_REDIS_USER} (zen when absent), {@code ZEN_REDIS_CREDENTIALS} (a folder of svid.pem,
   * key.pem, bundle.pem, password) and {@code ZEN_REDIS_PASSWORD_FILE} (the folder's password when
   * absent); empty when it names none.
   *
   * @throws HarnessException when the URL is not of that form; {@code redis://} is refused
   */
  public static Optional<RedisStore> external(Map<String, String> environment) {
    return Optional.ofNullable(environment.get(URL))
        .filter(text -> !text.isBlank())
        .map(text -> parse(text, environment));
  }

  /** The URL the processors are started with. */
  public String url() {
    return "rediss://" + address;
  }

  private static RedisStore parse(String text, Map<String, String> environment) {
    URI url = StoreUrl.parse(URL, text, "rediss", "rediss://host:port");
    Optional<Path> folder =
        Optional.ofNullable(environment.get(CREDENTIALS))
            .filter(named -> !named.isBlank())
            .map(named -> Path.of(named).toAbsolutePath());
    Optional<IdentityFiles> identity = folder.map(RedisStore::identity);
    Path password =
        Optional.ofNullable(environment.get(PASSWORD_FILE))
            .map(Path::of)
            .or(() -> folder.map(it -> it.resolve("password")))
            .orElse(Path.of(""));
    if (!Files.isRegularFile(password)) {
      throw new HarnessException(
          PASSWORD_FILE + ": no file " + password + " (expected: a file with the user's password)");
    }
    String user = Optional.ofNullable(environment.get(USER)).orElse("zen");
    return new RedisStore(
        StoreUrl.address(url, DEFAULT_PORT), user, password.toAbsolutePath(), identity);
  }

  private static IdentityFiles identity(Path folder) {
    IdentityFiles files = new IdentityFiles(folder);
    for (Path file : List.of(files.certificateChain(), files.privateKey(), files.trustBundle())) {
      if (!Files.isRegularFile(file)) {
        throw new HarnessException(
            CREDENTIALS + ": no file " + file + " (expected: svid.pem, key.pem, bundle.pem)");
      }
    }
    return files;
  }
}
