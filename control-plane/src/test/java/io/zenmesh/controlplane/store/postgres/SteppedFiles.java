package io.zenmesh.controlplane.store.postgres;

import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.AccessMode;
import java.nio.file.CopyOption;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.FileSystem;
import java.nio.file.LinkOption;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.PathMatcher;
import java.nio.file.StandardOpenOption;
import java.nio.file.WatchService;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileAttributeView;
import java.nio.file.attribute.UserPrincipalLookupService;
import java.nio.file.spi.FileSystemProvider;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The files of the machine, with a step of a {@link KillSwitch} at every call that changes one.
 * What the product needs of files is here; anything else fails.
 */
final class SteppedFiles extends FileSystemProvider {
  private final KillSwitch killer;
  private final FileSystem system = new Stepped();

  SteppedFiles(KillSwitch killer) {
    this.killer = killer;
  }

  /** The same place, whose changes are steps. */
  Path path(Path real) {
    return (Path)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Path.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("getFileSystem")) {
                return system;
              }
              Object[] plain = arguments == null ? new Object[0] : arguments.clone();
              for (int i = 0; i < plain.length; i++) {
                plain[i] = plain[i] instanceof Path path ? real(path) : plain[i];
              }
              try {
                Object result = method.invoke(real, plain);
                return result instanceof Path path ? path(path) : result;
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  private static Path real(Path path) {
    return Path.of(path.toString());
  }

  private static FileSystemProvider provider(Path real) {
    return real.getFileSystem().provider();
  }

  @Override
  public FileChannel newFileChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    Path real = real(path);
    return options.contains(StandardOpenOption.WRITE)
        ? new SteppedChannel(
            killer,
            path.getFileName() + ": ",
            killer.step(
                path.getFileName() + ": open",
                () -> provider(real).newFileChannel(real, options, attributes)))
        : provider(real).newFileChannel(real, options, attributes);
  }

  @Override
  public void move(Path source, Path target, CopyOption... options) throws IOException {
    boolean unused =
        killer.step(
            target.getFileName() + ": move",
            () -> {
              provider(real(source)).move(real(source), real(target), options);
              return true;
            });
  }

  @Override
  public void createLink(Path link, Path existing) throws IOException {
    boolean unused =
        killer.step(
            link.getFileName() + ": link",
            () -> {
              provider(real(link)).createLink(real(link), real(existing));
              return true;
            });
  }

  @Override
  public boolean deleteIfExists(Path path) throws IOException {
    return killer.step(
        path.getFileName() + ": delete", () -> provider(real(path)).deleteIfExists(real(path)));
  }

  @Override
  public SeekableByteChannel newByteChannel(
      Path path, Set<? extends OpenOption> options, FileAttribute<?>... attributes)
      throws IOException {
    return provider(real(path)).newByteChannel(real(path), options, attributes);
  }

  @Override
  public void createDirectory(Path directory, FileAttribute<?>... attributes) throws IOException {
    provider(real(directory)).createDirectory(real(directory), attributes);
  }

  @Override
  public void checkAccess(Path path, AccessMode... modes) throws IOException {
    provider(real(path)).checkAccess(real(path), modes);
  }

  @Override
  public <V extends FileAttributeView> @Nullable V getFileAttributeView(
      Path path, Class<V> type, LinkOption... options) {
    return provider(real(path)).getFileAttributeView(real(path), type, options);
  }

  @Override
  public <A extends BasicFileAttributes> A readAttributes(
      Path path, Class<A> type, LinkOption... options) throws IOException {
    return provider(real(path)).readAttributes(real(path), type, options);
  }

  @Override
  public Map<String, Object> readAttributes(Path path, String names, LinkOption... options)
      throws IOException {
    return provider(real(path)).readAttributes(real(path), names, options);
  }

  @Override
  public boolean isSameFile(Path one, Path other) throws IOException {
    return provider(real(one)).isSameFile(real(one), real(other));
  }

  @Override
  public String getScheme() {
    return "stepped";
  }

  @Override
  public FileSystem newFileSystem(URI uri, Map<String, ?> environment) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileSystem getFileSystem(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public Path getPath(URI uri) {
    throw new UnsupportedOperationException();
  }

  @Override
  public DirectoryStream<Path> newDirectoryStream(
      Path directory, DirectoryStream.Filter<? super Path> filter) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void delete(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void copy(Path source, Path target, CopyOption... options) {
    throw new UnsupportedOperationException();
  }

  @Override
  public boolean isHidden(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public FileStore getFileStore(Path path) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void setAttribute(Path path, String attribute, Object value, LinkOption... options) {
    throw new UnsupportedOperationException();
  }

  /** Knows its provider; the product asks for nothing else. */
  private final class Stepped extends FileSystem {
    @Override
    public FileSystemProvider provider() {
      return SteppedFiles.this;
    }

    @Override
    public void close() {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public boolean isReadOnly() {
      return false;
    }

    @Override
    public String getSeparator() {
      return "/";
    }

    @Override
    public Iterable<Path> getRootDirectories() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Iterable<FileStore> getFileStores() {
      throw new UnsupportedOperationException();
    }

    @Override
    public Set<String> supportedFileAttributeViews() {
      return Set.of("basic", "posix");
    }

    @Override
    public Path getPath(String first, String... more) {
      return path(Path.of(first, more));
    }

    @Override
    public PathMatcher getPathMatcher(String pattern) {
      throw new UnsupportedOperationException();
    }

    @Override
    public UserPrincipalLookupService getUserPrincipalLookupService() {
      throw new UnsupportedOperationException();
    }

    @Override
    public WatchService newWatchService() {
      throw new UnsupportedOperationException();
    }
  }
}
