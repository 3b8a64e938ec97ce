package io.zenmesh.controlplane.audit;

import io.zenmesh.xds.model.Name;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Where archives of audit segments are kept. Used by one thread at a time.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>An archive is there whole, or not at all, and is never written over. When {@link #write}
 * returns, it is durable as far as the place can say. No call waits for ever.
 */
public interface ArchivePlace extends AutoCloseable {
  /**
   * Proves that the place is there and answers; writes nothing.
   *
   * @throws ArchiveException when not
   */
  void prove() throws ArchiveException;

  /**
   * The archive that begins at an entry, the one with the fewest entries when there are several;
   * empty when there is none yet.
   *
   * @throws ArchiveException when that cannot be told
   */
  Optional<ArchiveName> beginningAt(Name chain, long from) throws ArchiveException;

  /**
   * Keeps an archive, compressed with gzip. One that is there already with the same bytes is kept.
   *
   * @param content writes what is in it, uncompressed; when it throws, nothing is kept
   * @throws ArchiveException when it is not kept; {@link ArchiveFault#ARCHIVE_CONFLICT} when
   *     another one has its name
   */
  void write(ArchiveName name, Consumer<OutputStream> content) throws ArchiveException;

  /**
   * Opens an archive as it is kept, compressed. The caller closes it.
   *
   * @throws ArchiveException when it cannot be read whole
   */
  InputStream read(ArchiveName name) throws ArchiveException;

  /** What operators know an archive by: a path, or an address. */
  String shown(ArchiveName name);

  /** Lets go of connections; the archives stay. */
  @Override
  void close();
}
