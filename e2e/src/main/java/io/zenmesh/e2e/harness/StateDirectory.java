package io.zenmesh.e2e.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The one directory in which a mesh keeps everything: keys, data, logs, sockets, who runs.
 *
 * <p>Mode 0700. Held exclusively while open: a second mesh on the same directory is refused.
 * Layout: {@code pki, identity/<process>, secrets, envoy/<name>, extproc/<name>, control-plane,
 * postgres, redis, run, log, mesh.yaml, zenctl.yaml}. Safe for use by several threads.
 */
public final class StateDirectory implements AutoCloseable {
  /** {@code sun_path} holds 108 bytes on Linux and 104 on others, with the closing zero. */
  static final int MAX_SOCKET_PATH_BYTES = 103;

  /** What every reader of a socket's path takes: mesh.yaml, Envoy, the ready line. */
  private static final Pattern PLAIN = Pattern.compile("[A-Za-z0-9_./-]+");

  private static final Set<PosixFilePermission> PRIVATE =
      Set.copyOf(PosixFilePermissions.fromString("rwx------"));

  private final Path root;
  private final Path sockets;
  private final FileChannel lockChannel;
  private final FileLock lock;
  private final AtomicBoolean closed = new AtomicBoolean();

  private StateDirectory(Path root, Path sockets, FileChannel lockChannel, FileLock lock) {
    this.root = root;
    this.sockets = sockets;
    this.lockChannel = lockChannel;
    this.lock = lock;
  }

  /**
   * Opens or creates a state directory and locks it.
   *
   * @throws HarnessException when another process holds it, or it cannot be written
   */
  public static StateDirectory open(Path directory) {
    return open(directory, cacheDirectory().resolve("s"));
  }

  static StateDirectory open(Path directory, Path shortSockets) {
    Path root = directory.toAbsolutePath().normalize();
    try {
      Path run = root.resolve("run");
      own(root);
      createPrivate(run);
      Path lockFile = run.resolve("lock");
      FileChannel channel =
          FileChannel.open(
              lockFile,
              StandardOpenOption.CREATE,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        String holder =
            Files.readString(lockFile, StandardCharsets.UTF_8).lines().findFirst().orElse("");
        channel.close();
        throw new HarnessException(
            "state: "
                + root
                + " is in use by process "
                + holder
                + " (expected: one mesh per state directory; stop it or choose another with --state)");
      }
      channel.truncate(0);
      channel.write(StandardCharsets.UTF_8.encode(holder()));
      return new StateDirectory(root, socketDirectory(root, shortSockets), channel, lock);
    } catch (IOException e) {
      throw new HarnessException("state: " + root + " cannot be used", e);
    }
  }

  /** {@code ~/.cache/zen-mesh}: what is downloaded or unpacked once for all checkouts. */
  public static Path cacheDirectory() {
    return Path.of(System.getProperty("user.home"), ".cache", "zen-mesh");
  }

  public Path root() {
    return root;
  }

  public Path pki() {
    return directory("pki");
  }

  /** The folder of one process's certificate, key and trust bundle. */
  public Path identity(String process) {
    return directory("identity", process);
  }

  public Path secrets() {
    return directory("secrets");
  }

  public Path envoy(String name) {
    return directory("envoy", name);
  }

  public Path extproc(String name) {
    return directory("extproc", name);
  }

  public Path controlPlane() {
    return directory("control-plane");
  }

  public Path postgres() {
    return directory("postgres");
  }

  public Path redis() {
    return directory("redis");
  }

  /** Who runs: one file per started process. */
  public Path run() {
    return directory("run");
  }

  /** One log per process, appended to. */
  public Path log(String process) {
    return directory("log").resolve(process + ".log");
  }

  public Path meshFile() {
    return root.resolve("mesh.yaml");
  }

  public Path zenctlFile() {
    return root.resolve("zenctl.yaml");
  }

  /**
   * The path of a Unix socket, always short enough to bind and of plain letters: below the state
   * directory, or below the cache directory when the state directory's path is neither. Its folder
   * exists.
   */
  public Path socketPath(String name) {
    try {
      createPrivate(sockets);
    } catch (IOException e) {
      throw new HarnessException("socket: " + name + " cannot be placed in " + sockets, e);
    }
    Path socket = sockets.resolve(name + ".sock");
    if (!PLAIN.matcher(socket.toString()).matches()) {
      throw new HarnessException(
          "socket: " + socket + " (expected: a home directory of " + PLAIN + ")");
    }
    if (bytes(socket) > MAX_SOCKET_PATH_BYTES) {
      throw new HarnessException(
          "socket: " + socket + " (expected: at most " + MAX_SOCKET_PATH_BYTES + " bytes)");
    }
    return socket;
  }

  /** Removes the sockets and gives the directory free; data, keys and logs stay. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    try {
      deleteTree(sockets);
      lock.release();
      lockChannel.close();
    } catch (IOException e) {
      throw new UncheckedIOException("state: " + root + " cannot be given free", e);
    }
  }

  /** Two lines, as a {@link RunFile} begins: who holds the directory, known by more than an id. */
  private static String holder() {
    long pid = ProcessHandle.current().pid();
    return pid + "\n" + RunFile.startToken(pid).orElse("unknown") + "\n";
  }

  /** Creates the directory or takes one of ours; in either case only we may enter it then. */
  private static void own(Path root) throws IOException {
    createPrivate(root);
    UserPrincipal owner = Files.getOwner(root);
    String user = System.getProperty("user.name");
    if (!owner.getName().equals(user)) {
      throw new HarnessException(
          "state: " + root + " belongs to " + owner.getName() + " (expected: " + user + ")");
    }
    if (Files.getPosixFilePermissions(root).equals(PRIVATE)) {
      return;
    }
    // Somebody's folder full of other things, /tmp even, is not closed to the others.
    if (!Files.exists(root.resolve("run").resolve("lock")) && !isEmpty(root)) {
      throw new HarnessException(
          "state: " + root + " holds other things (expected: a state, empty, or mode 0700)");
    }
    Files.setPosixFilePermissions(root, PRIVATE);
  }

  private static boolean isEmpty(Path directory) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.findAny().isEmpty();
    }
  }

  /** Creates a directory that only its owner may enter. */
  public static void createPrivate(Path directory) throws IOException {
    Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(PRIVATE));
  }

  /** Deletes a folder with all that is in it; nothing when there is none. */
  public static void deleteTree(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }

  private Path directory(String first, String... more) {
    Path directory = root.resolve(Path.of(first, more));
    try {
      createPrivate(directory);
      return directory;
    } catch (IOException e) {
      throw new HarnessException("state: " + directory + " cannot be created", e);
    }
  }

  private static Path socketDirectory(Path root, Path shortSockets) {
    Path inside = root.resolve("run").resolve("s");
    int longestName = "/extproc-ingress-999999.sock".length();
    if (bytes(inside) + longestName <= MAX_SOCKET_PATH_BYTES
        && PLAIN.matcher(inside.toString()).matches()) {
      return inside;
    }
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(root.toString().getBytes(StandardCharsets.UTF_8));
      return shortSockets.resolve(HexFormat.of().formatHex(digest, 0, 6));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  private static int bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8).length;
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock();
    } catch (OverlappingFileLockException e) {
      return null;
    }
  }
}
