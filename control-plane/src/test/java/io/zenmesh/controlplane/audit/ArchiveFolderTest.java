package io.zenmesh.controlplane.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArchiveFolderTest extends ArchivePlaceContract {
  @TempDir Path folder;

  @Override
  protected ArchivePlace place() {
    return new ArchiveFolder(folder);
  }

  @Override
  protected ArchivePlace missing() {
    return new ArchiveFolder(folder.resolve("missing"));
  }

  @Override
  protected void plant(String path, byte[] bytes) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, bytes);
  }

  @Override
  protected Optional<byte[]> planted(String path) throws IOException {
    Path file = folder.resolve(path);
    return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
  }

  @Test
  void files_areTheOwnersOnly_andNothingElseIsLeft() throws IOException {
    write(place(), FIRST, text("one"));
    try (Stream<Path> all = Files.walk(folder)) {
      assertThat(all.skip(1).map(Path::toFile).map(it -> it.toPath()))
          .extracting(it -> PosixFilePermissions.toString(Files.getPosixFilePermissions(it)))
          .containsExactly("rwx------", "rw-------");
    }
  }

  @Test
  void tornFileOfACrash_isNoArchive_andIsReplaced() throws IOException {
    plant(FIRST.path() + ".new", text("torn"));
    assertThat(place().beginningAt(ACME, 1)).isEmpty();
    write(place(), FIRST, text("one"));
    assertThat(unpacked(place(), FIRST)).isEqualTo(text("one"));
    assertThat(planted(FIRST.path() + ".new")).isEmpty();
  }
}
