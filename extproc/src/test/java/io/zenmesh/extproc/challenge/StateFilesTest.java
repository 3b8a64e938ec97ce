package io.zenmesh.extproc.challenge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateFilesTest extends HandshakeSecretsContract {
  private static final URI URL =
      URI.create("https://sns.eu-west-1.amazonaws.com/?Action=ConfirmSubscription&Token=2336");

  @TempDir Path parent;
  private Path directory;
  private StateFiles files;

  @BeforeEach
  void open() throws IOException {
    directory = parent.resolve("state");
    files = new StateFiles(directory, Runnable::run);
  }

  @Override
  HandshakeSecrets secrets() {
    return files;
  }

  private static String mode(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }

  private List<String> names() throws IOException {
    try (Stream<Path> all = Files.list(directory)) {
      return all.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void filesAndDirectory_areTheOwnersAlone_andNothingElseIsLeft() throws IOException {
    files.store(ASANA, secret("first-secret-of-a-test")).toCompletableFuture().join();
    files.store(ASANA, secret("second-secret-of-a-test")).toCompletableFuture().join();
    files.confirm(ASANA, URL);
    assertThat(names()).containsExactly("acme.asana.confirm-url", "acme.asana.secret");
    assertThat(mode(directory)).isEqualTo("rwx------");
    assertThat(mode(directory.resolve("acme.asana.secret"))).isEqualTo("rw-------");
    assertThat(mode(directory.resolve("acme.asana.confirm-url"))).isEqualTo("rw-------");
  }

  @Test
  void secret_survivesARestart() throws IOException {
    files.store(ASANA, secret("first-secret-of-a-test")).toCompletableFuture().join();
    StateFiles again = new StateFiles(directory, Runnable::run);
    assertThat(again.find(ASANA).orElseThrow().sameAs(secret("first-secret-of-a-test"))).isTrue();
  }

  @Test
  void fileThatOthersCanRead_orIsTooLong_orALink_isNotUsed() throws IOException {
    Path file = directory.resolve("acme.asana.secret");
    Files.writeString(file, "secret-of-a-test");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThat(files.find(ASANA)).isEmpty();
    Files.writeString(file, "x".repeat(257));
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    assertThat(files.find(ASANA)).isEmpty();
    Path elsewhere = Files.writeString(parent.resolve("elsewhere"), "secret-of-a-test");
    Files.setPosixFilePermissions(elsewhere, PosixFilePermissions.fromString("rw-------"));
    Files.delete(file);
    Files.createSymbolicLink(file, elsewhere);
    assertThat(files.find(ASANA)).isEmpty();
  }

  @Test
  void confirmUrl_isTheLatest() throws IOException {
    files.confirm(ASANA, URI.create("https://sns.eu-west-1.amazonaws.com/?Token=1"));
    files.confirm(ASANA, URL);
    assertThat(directory.resolve("acme.asana.confirm-url")).hasContent(URL + "\n");
  }

  @Test
  void whatCannotBeWritten_isNotStored() throws IOException {
    StateFiles busy =
        new StateFiles(
            directory,
            task -> {
              throw new RejectedExecutionException();
            });
    assertThat(busy.store(ASANA, secret("first-secret-of-a-test")).toCompletableFuture().join())
        .isFalse();
    busy.confirm(ASANA, URL);
    assertThat(names()).isEmpty();
  }
}
