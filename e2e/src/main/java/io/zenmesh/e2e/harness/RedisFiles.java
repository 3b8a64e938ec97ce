package io.zenmesh.e2e.harness;

import io.zenmesh.xds.identity.IdentityFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The configuration of an embedded Redis: TLS 1.3 with client certificates only, no default user,
 * six commands on the prefix {@code zen:} for the processors, nothing evicted, nothing on disk.
 *
 * @param home its folder
 * @param server the server's identity; its bundle is what client certificates chain to
 * @param password the file with the password of user {@code zen}
 * @param adminPassword the file with the password of user {@code zen-admin}, which the product
 *     never has
 */
record RedisFiles(Path home, IdentityFiles server, Path password, Path adminPassword) {
  static final String USER = "zen";
  static final String ADMIN = "zen-admin";

  Path configuration() {
    return home.resolve("redis.conf");
  }

  void write(int port) throws IOException {
    StateDirectory.createPrivate(home);
    Path acl = home.resolve("users.acl");
    Files.writeString(acl, users(password, adminPassword));
    Files.setPosixFilePermissions(acl, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(configuration(), String.join("\n", settings(port, acl)) + "\n");
  }

  /** The ACL file's text. */
  static String users(Path password, Path adminPassword) throws IOException {
    return """
    user default off resetpass -@all
    user %s on #%s ~zen:* resetchannels -@all +get +set +del +pttl +ping +info
    user %s on #%s ~* &* +@all
    """
        .formatted(USER, sha256(password), ADMIN, sha256(adminPassword));
  }

  private List<String> settings(int port, Path acl) {
    return List.of(
        "port 0",
        "tls-port " + port,
        "bind 127.0.0.1",
        "tls-cert-file " + quoted(server.certificateChain()),
        "tls-key-file " + quoted(server.privateKey()),
        "tls-ca-cert-file " + quoted(server.trustBundle()),
        "tls-auth-clients yes",
        "tls-protocols TLSv1.3",
        "aclfile " + quoted(acl),
        "dir " + quoted(home),
        "daemonize no",
        "save \"\"",
        "appendonly no",
        "maxmemory 256mb",
        "maxmemory-policy noeviction");
  }

  private static String quoted(Path path) {
    return "\"" + path.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /** The form in which an ACL file holds a password without showing it. */
  private static String sha256(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    try {
      int length =
          bytes.length > 0 && bytes[bytes.length - 1] == '\n' ? bytes.length - 1 : bytes.length;
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(bytes, 0, length);
      return HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }
}
