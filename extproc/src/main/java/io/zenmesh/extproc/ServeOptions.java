package io.zenmesh.extproc;

import io.zenmesh.xds.identity.IdentityFiles;
import io.zenmesh.xds.identity.SpiffeId;
import io.zenmesh.xds.model.HostPort;
import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.model.NodeId;
import io.zenmesh.xds.model.NodeRole;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options of {@code serve}, as text; {@link #settings} checks them. */
final class ServeOptions {
  private static final String REDISS = "rediss://";
  private static final int MAX_PORT = 65_535;

  @Option(names = "--node", required = true, description = "name of the Envoy beside this process")
  private String node;

  @Option(names = "--cluster", required = true, description = "cluster it belongs to")
  private String cluster;

  @Option(names = "--trust-domain", required = true, description = "SPIFFE trust domain")
  private String trustDomain;

  @Option(
      names = "--identity",
      required = true,
      description = "directory of svid.pem, key.pem, bundle.pem")
  private Path identity;

  @Option(names = "--xds", required = true, description = "control plane, HOST:PORT")
  private String xds;

  @Option(names = "--socket", required = true, description = "Unix socket to serve Envoy on")
  private Path socket;

  @Option(names = "--redis", required = true, description = "replay store, rediss://HOST:PORT")
  private String redis;

  @Option(names = "--redis-user", required = true, description = "ACL user of the replay store")
  private String redisUser;

  @Option(
      names = "--redis-password-file",
      required = true,
      description = "file with its password; one trailing newline is dropped")
  private Path redisPasswordFile;

  @Option(
      names = "--redis-identity",
      description =
          "directory of svid.pem, key.pem, bundle.pem for the replay store; default: --identity")
  private Optional<Path> redisIdentity = Optional.empty();

  @Option(names = "--admin", required = true, description = "HTTPS for operators, HOST:PORT")
  private String admin;

  @Option(
      names = "--state",
      description =
          "directory for what providers hand over (secrets of Asana, confirmations of SNS);"
              + " without it no secret is taken")
  private Optional<Path> state = Optional.empty();

  /**
   * Reads and checks everything.
   *
   * @throws IllegalArgumentException naming the option and what was expected
   */
  Settings settings() {
    IdentityFiles files = readable("--identity", identity);
    IdentityFiles store =
        redisIdentity.map(folder -> readable("--redis-identity", folder)).orElse(files);
    if (SpiffeId.parse("spiffe://" + trustDomain).isEmpty()) {
      throw new IllegalArgumentException(
          "--trust-domain: " + trustDomain + " (expected: [a-z0-9._-]{1,255})");
    }
    if (!redis.startsWith(REDISS)) {
      throw new IllegalArgumentException(
          "--redis: no TLS (expected: rediss://HOST:PORT, without user and password)");
    }
    return new Settings(
        new NodeId(name("--cluster", cluster), NodeRole.EXTPROC, name("--node", node)),
        trustDomain,
        files,
        hostPort("--xds", xds),
        socket.toAbsolutePath(),
        new Settings.Redis(
            hostPort("--redis", redis.substring(REDISS.length())), redisUser, password(), store),
        listenAddress(),
        state.map(Path::toAbsolutePath));
  }

  private static IdentityFiles readable(String option, Path folder) {
    IdentityFiles files = new IdentityFiles(folder);
    for (Path file : List.of(files.certificateChain(), files.privateKey(), files.trustBundle())) {
      if (!Files.isReadable(file)) {
        throw new IllegalArgumentException(option + ": " + file + " (expected: a readable file)");
      }
    }
    return files;
  }

  private static Name name(String option, String value) {
    if (!Name.isValid(value)) {
      throw new IllegalArgumentException(option + ": (expected: [a-z0-9][a-z0-9-]{0,62})");
    }
    return new Name(value);
  }

  private SecretBytes password() {
    byte[] bytes;
    try {
      bytes = Files.readAllBytes(redisPasswordFile);
    } catch (IOException e) {
      throw new IllegalArgumentException(
          "--redis-password-file: " + redisPasswordFile + " (expected: a readable file)", e);
    }
    boolean newline = bytes.length > 0 && bytes[bytes.length - 1] == '\n';
    byte[] password = Arrays.copyOf(bytes, newline ? bytes.length - 1 : bytes.length);
    Arrays.fill(bytes, (byte) 0);
    if (password.length == 0) {
      throw new IllegalArgumentException(
          "--redis-password-file: " + redisPasswordFile + " (expected: not empty)");
    }
    return SecretBytes.takeOver(password);
  }

  private InetSocketAddress listenAddress() {
    if (admin.endsWith(":0")) {
      HostPort anyPort = hostPort("--admin", admin.substring(0, admin.length() - 1) + "1");
      return new InetSocketAddress(anyPort.host(), 0);
    }
    HostPort address = hostPort("--admin", admin);
    return new InetSocketAddress(address.host(), address.port());
  }

  private static HostPort hostPort(String option, String text) {
    int colon = text.lastIndexOf(':');
    String host = colon < 0 ? "" : text.substring(0, colon);
    String port = colon < 0 ? "" : text.substring(colon + 1);
    if (host.startsWith("[") && host.endsWith("]")) {
      host = host.substring(1, host.length() - 1);
    } else if (host.indexOf(':') >= 0) {
      host = "";
    }
    boolean sound =
        !host.isEmpty()
            && host.indexOf('@') < 0
            && host.indexOf('/') < 0
            && port.matches("[1-9][0-9]{0,4}")
            && Integer.parseInt(port) <= MAX_PORT;
    if (!sound) {
      throw new IllegalArgumentException(option + ": not an address (expected: HOST:PORT)");
    }
    return new HostPort(host, Integer.parseInt(port));
  }
}
