package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.StreamSupport;
import java.util.zip.GZIPOutputStream;

/**
 * A directory of archives of audit segments: {@code CHAIN/FROM-TO.jsonl.gz}, readable by the owner
 * only. A file is there whole, or not at all. Not thread-safe.
 */
public final class ArchiveFolder implements ArchivePlace {
  private static final FileAttribute<Set<PosixFilePermission>> FILE_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
  private static final FileAttribute<Set<PosixFilePermission>> FOLDER_MODE =
      PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"));

  private final Path folder;

  /**
   * @param folder what must be there already: one that is not mounted is not to be made anew
   */
  public ArchiveFolder(Path folder) {
    this.folder = folder;
  }

  @Override
  public void prove() throws ArchiveException {
    if (!Files.isDirectory(folder)) {
      throw ArchiveFault.ARCHIVE_MISSING.at(folder.toString(), "no directory");
    }
  }

  @Override
  public Optional<ArchiveName> beginningAt(Name chain, long from) throws ArchiveException {
    Path own = folder.resolve(chain.value());
    if (!Files.isDirectory(own)) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> files = Files.newDirectoryStream(own)) {
      return StreamSupport.stream(files.spliterator(), false)
          .flatMap(it -> ArchiveName.parse(chain, String.valueOf(it.getFileName())).stream())
          .filter(it -> it.from() == from)
          .min(Comparator.comparingLong(ArchiveName::to));
    } catch (IOException e) {
      throw disk(own, e);
    }
  }

  @Override
  public void write(ArchiveName name, Consumer<OutputStream> content) throws ArchiveException {
    prove();
    Path file = file(name);
    Path own = folder.resolve(name.chain().value());
    Path fresh = own.resolve(name.file() + ".new");
    try {
      if (!Files.isDirectory(own)) {
        Files.createDirectory(own, FOLDER_MODE);
        flush(folder);
      }
      Files.deleteIfExists(fresh);
      pack(fresh, content);
      if (Files.exists(file)) {
        boolean same = Files.mismatch(fresh, file) < 0;
        Files.delete(fresh);
        if (!same) {
          throw ArchiveFault.ARCHIVE_CONFLICT.at(file.toString(), "another file is there");
        }
        return;
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
      flush(own);
    } catch (ArchiveException e) {
      throw e;
    } catch (IOException e) {
      throw disk(file, e);
    }
  }

  private static void pack(Path fresh, Consumer<OutputStream> content) throws IOException {
    try (FileChannel channel =
        FileChannel.open(
            fresh, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), FILE_MODE)) {
      // The channel is closed once it is durable, not by who writes the content.
      OutputStream kept =
          new FilterOutputStream(Channels.newOutputStream(channel)) {
            @Override
            public void write(byte[] bytes, int from, int length) throws IOException {
              out.write(bytes, from, length);
            }

            @Override
            public void close() {}
          };
      try (OutputStream packed = new GZIPOutputStream(kept, 1 << 16)) {
        content.accept(packed);
      }
      channel.force(true);
    }
  }

  @Override
  public InputStream read(ArchiveName name) throws ArchiveException {
    try {
      return Files.newInputStream(file(name));
    } catch (NoSuchFileException e) {
      throw ArchiveFault.ARCHIVE_MISSING.at(shown(name), "no file", e);
    } catch (IOException e) {
      throw disk(file(name), e);
    }
  }

  @Override
  public String shown(ArchiveName name) {
    return file(name).toString();
  }

  private Path file(ArchiveName name) {
    return folder.resolve(name.chain().value()).resolve(name.file());
  }

  private static ArchiveException disk(Path file, IOException e) {
    return ArchiveFault.ARCHIVE_DISK.at(file.toString(), e.getClass().getSimpleName(), e);
  }

  private static void flush(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  /** Nothing is open between calls. */
  @Override
  public void close() {}

  @Override
  public String toString() {
    return folder.toString();
  }
}
