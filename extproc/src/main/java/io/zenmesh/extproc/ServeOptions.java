package io.zenmesh.extproc;

import io.zenmesh.extproc.server.Door;
import io.zenmesh.extproc.standalone.UnusableConfigException;
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
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine.Option;

/**
 * The options of {@code serve}, as text; {@link #settings} checks them. Either a file says
 * everything, or a control plane does and the other options say how to reach it.
 */
final class ServeOptions {
  private static final String REDISS = "rediss://";
  private static final int MAX_PORT = 65_535;
  private static final String NOT_GIVEN = "";
  private static final long MEBIBYTE = 1024L * 1024;
  private static final int DEFAULT_RECEIPTS_MEBIBYTES = 64;
  private static final int MIN_RECEIPTS_MEBIBYTES = 8;
  private static final int MAX_RECEIPTS_MEBIBYTES = 65_536;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "stand-alone: endpoints.yaml, which says everything; reloaded when it or a secret changes."
              + " Excludes all other options but --state")
  private Optional<Path> config = Optional.empty();

  @Option(names = "--node", description = "name of the Envoy beside this process")
  private String node = NOT_GIVEN;

  @Option(names = "--cluster", description = "cluster it belongs to")
  private String cluster = NOT_GIVEN;

  @Option(names = "--trust-domain", description = "SPIFFE trust domain")
  private String trustDomain = NOT_GIVEN;

  @Option(names = "--identity", description = "directory of svid.pem, key.pem, bundle.pem")
  private Optional<Path> identity = Optional.empty();

  @Option(names = "--xds", description = "control plane, HOST:PORT")
  private String xds = NOT_GIVEN;

  @Option(names = "--socket", description = "Unix socket to serve Envoy on")
  private Optional<Path> socket = Optional.empty();

  @Option(names = "--redis", description = "replay store, rediss://HOST:PORT")
  private String redis = NOT_GIVEN;

  @Option(names = "--redis-user", description = "ACL user of the replay store")
  private String redisUser = NOT_GIVEN;

  @Option(
      names = "--redis-password-file",
      description = "file with its password; one trailing newline is dropped")
  private Optional<Path> redisPasswordFile = Optional.empty();

  @Option(
      names = "--redis-identity",
      description =
          "directory of svid.pem, key.pem, bundle.pem for the replay store; default: --identity")
  private Optional<Path> redisIdentity = Optional.empty();

  @Option(names = "--admin", description = "HTTPS for operators, HOST:PORT")
  private String admin = NOT_GIVEN;

  @Option(
      names = "--state",
      description =
          "directory for what providers hand over (secrets of Asana, confirmations of SNS);"
              + " without it no secret is taken")
  private Optional<Path> state = Optional.empty();

  @Option(
      names = "--receipts",
      paramLabel = "DIR",
      description =
          "directory of this process alone, where receipts of verdicts wait for the control plane;"
              + " without it none are made")
  private Optional<Path> receipts = Optional.empty();

  @Option(
      names = "--receipts-max-mib",
      paramLabel = "N",
      description = "the most mebibytes of receipts that wait, 8 to 65536; default: 64")
  private Optional<Integer> receiptsMaxMebibytes = Optional.empty();

  /**
   * Reads and checks everything.
   *
   * @throws IllegalArgumentException naming the option and what was expected
   * @throws UnusableConfigException with every problem of the file
   */
  Settings settings(Clock clock, Function<String, Optional<String>> environment)
      throws UnusableConfigException {
    Map<String, Boolean> needed = new LinkedHashMap<>();
    needed.put("--node", !node.isEmpty());
    needed.put("--cluster", !cluster.isEmpty());
    needed.put("--trust-domain", !trustDomain.isEmpty());
    needed.put("--identity", identity.isPresent());
    needed.put("--xds", !xds.isEmpty());
    needed.put("--socket", socket.isPresent());
    needed.put("--redis", !redis.isEmpty());
    needed.put("--redis-user", !redisUser.isEmpty());
    needed.put("--redis-password-file", redisPasswordFile.isPresent());
    needed.put("--admin", !admin.isEmpty());
    List<String> given = new ArrayList<>();
    List<String> missing = new ArrayList<>();
    needed.forEach((name, there) -> (there ? given : missing).add(name));
    redisIdentity.ifPresent(directory -> given.add("--redis-identity"));
    receipts.ifPresent(directory -> given.add("--receipts"));
    receiptsMaxMebibytes.ifPresent(most -> given.add("--receipts-max-mib"));
    if (config.isPresent()) {
      if (!given.isEmpty()) {
        throw new IllegalArgumentException(
            "--config: together with "
                + String.join(", ", given)
                + " (expected: --config alone, or the options of a control plane without it)");
      }
      return FileSettings.read(config.get(), clock, environment, state.map(Path::toAbsolutePath));
    }
    if (given.isEmpty()) {
      throw new IllegalArgumentException(
          "no options (expected: --config FILE to run stand-alone, or --xds and those beside it"
              + " for a control plane; --help lists them)");
    }
    if (!missing.isEmpty()) {
      throw new IllegalArgumentException(
          String.join(", ", missing)
              + ": missing (expected: all options of a control plane, or --config FILE alone)");
    }
    return controlPlane();
  }

  private Settings controlPlane() {
    IdentityFiles files = readable("--identity", identity.orElseThrow());
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
    Path path = socket.orElseThrow().toAbsolutePath();
    return new Settings(
        new Settings.Source.ControlPlane(
            new NodeId(name("--cluster", cluster), NodeRole.EXTPROC, name("--node", node)),
            trustDomain,
            files,
            hostPort("--xds", xds)),
        Door.socket(path),
        "socket=" + path,
        Optional.of(
            new Settings.Redis(
                hostPort("--redis", redis.substring(REDISS.length())),
                redisUser,
                password(redisPasswordFile.orElseThrow()),
                store)),
        Optional.of(new Settings.Admin(listenAddress(), Optional.of(files))),
        state.map(Path::toAbsolutePath),
        spool());
  }

  private Optional<Settings.Receipts> spool() {
    int most = receiptsMaxMebibytes.orElse(DEFAULT_RECEIPTS_MEBIBYTES);
    if (most < MIN_RECEIPTS_MEBIBYTES || most > MAX_RECEIPTS_MEBIBYTES) {
      throw new IllegalArgumentException("--receipts-max-mib: " + most + " (expected: 8 to 65536)");
    }
    if (receiptsMaxMebibytes.isPresent() && receipts.isEmpty()) {
      throw new IllegalArgumentException("--receipts-max-mib: alone (expected: with --receipts)");
    }
    return receipts.map(it -> new Settings.Receipts(it.toAbsolutePath(), most * MEBIBYTE));
  }

  static IdentityFiles readable(String option, Path folder) {
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

  private static SecretBytes password(Path redisPasswordFile) {
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
