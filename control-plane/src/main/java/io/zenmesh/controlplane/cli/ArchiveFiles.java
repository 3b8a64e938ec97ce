package io.zenmesh.controlplane.cli;

import io.zenmesh.controlplane.audit.verify.Archive;
import io.zenmesh.controlplane.audit.verify.ArchivedChains;
import io.zenmesh.controlplane.audit.verify.SignedCheckpoint;
import io.zenmesh.controlplane.audit.verify.VerifierKey;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The archives that a verification was given, each checked by itself and all together.
 *
 * @param chains what they hold; empty when none was given
 * @param faults what is wrong with them, first things first
 * @param lines what they are, for people
 */
record ArchiveFiles(Optional<ArchivedChains> chains, List<String> faults, List<String> lines) {
  private static final String ENDING = ".jsonl.gz";

  ArchiveFiles {
    faults = List.copyOf(faults);
    lines = List.copyOf(lines);
  }

  /**
   * Reads files, and the archives in directories.
   *
   * @throws CliException when there is no such file
   */
  static ArchiveFiles read(
      List<Path> given, List<SignedCheckpoint> trusted, Optional<List<VerifierKey>> keys) {
    if (given.isEmpty()) {
      return new ArchiveFiles(Optional.empty(), List.of(), List.of());
    }
    List<Archive> archives = new ArrayList<>();
    List<String> faults = new ArrayList<>();
    List<String> lines = new ArrayList<>();
    for (Path file : files(given)) {
      Archive archive;
      try (InputStream in = Files.newInputStream(file)) {
        archive = Archive.read(in, trusted, keys.orElse(List.of()));
      } catch (IOException e) {
        throw CliException.failed(file + ": cannot be read (expected: a readable file)");
      }
      archive.faults().forEach(it -> faults.add(file + ": " + it));
      lines.add(
          "archive of chain "
              + archive.chain()
              + ": entries "
              + archive.from()
              + " to "
              + archive.to());
      archives.add(archive);
    }
    if (!faults.isEmpty()) {
      return new ArchiveFiles(Optional.empty(), faults, lines);
    }
    ArchivedChains chains = new ArchivedChains(archives);
    return new ArchiveFiles(
        Optional.of(chains), chains.faults().stream().map(Object::toString).toList(), lines);
  }

  private static List<Path> files(List<Path> given) {
    List<Path> files = new ArrayList<>();
    for (Path each : given) {
      if (!Files.isDirectory(each)) {
        files.add(each);
        continue;
      }
      try (Stream<Path> all = Files.walk(each)) {
        all.filter(it -> it.toString().endsWith(ENDING)).sorted().forEach(files::add);
      } catch (IOException | UncheckedIOException e) {
        throw CliException.failed(each + ": cannot be read (expected: a readable directory)");
      }
    }
    return files;
  }
}
