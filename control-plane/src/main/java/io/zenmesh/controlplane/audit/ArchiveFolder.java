package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPOutputStream;

/**
 * Where archives of audit segments are kept: {@code CHAIN/FROM-TO.jsonl.gz}, readable by the owner
 * only. A file is there whole, or not at all. Not thread-safe.
 */
public final class ArchiveFolder {
  private static final Pattern FILE = Pattern.compile("([0-9]{19})-([0-9]{19})\\.jsonl\\.gz");
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

  /** An archive. */
  record Kept(Path file, long to) {}

  /** The archive that begins at an entry; empty when there is none yet. */
  Optional<Kept> beginningAt(Name chain, long from) throws IOException {
    Path own = folder.resolve(chain.value());
    if (!Files.isDirectory(own)) {
      return Optional.empty();
    }
    Optional<Kept> found = Optional.empty();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(own)) {
      for (Path file : files) {
        Matcher match = FILE.matcher(String.valueOf(file.getFileName()));
        if (match.matches() && Long.parseLong(match.group(1)) == from) {
          found = Optional.of(new Kept(file, Long.parseLong(match.group(2))));
        }
      }
    }
    return found;
  }

  /** Writes the archive of a segment; durable when it returns, and nothing is there when not. */
  Path write(Segment segment, Consumer<OutputStream> content) throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new IOException(folder + ": missing (expected: the directory of archives)");
    }
    Path own = folder.resolve(segment.chain().value());
    if (!Files.isDirectory(own)) {
      Files.createDirectory(own, FOLDER_MODE);
      flush(folder);
    }
    Path file =
        own.resolve(
            String.format(Locale.ROOT, "%019d-%019d.jsonl.gz", segment.from(), segment.to()));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
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
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    flush(own);
    return file;
  }

  private static void flush(Path directory) throws IOException {
    try (FileChannel opened = FileChannel.open(directory, StandardOpenOption.READ)) {
      opened.force(true);
    }
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
