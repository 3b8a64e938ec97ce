package io.zenmesh.controlplane;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.zenmesh.controlplane.audit.ArchivePlace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class ArchiveOptionsTest {
  @TempDir Path folder;

  private static ArchiveOptions parsed(String... arguments) {
    ArchiveOptions options = new ArchiveOptions();
    new CommandLine(options).parseArgs(arguments);
    return options;
  }

  private static String opened(String... arguments) {
    try (ArchivePlace place = parsed(arguments).place().orElseThrow().get()) {
      return place.toString();
    }
  }

  @Test
  void nothing_isNoPlace() {
    assertThat(parsed().place()).isEmpty();
  }

  @Test
  void directoryOrBucket_isTaken() {
    assertThat(opened("--audit-archive", folder.toString())).isEqualTo(folder.toString());
    assertThat(opened("--audit-archive", "s3://bucket/a/b/")).isEqualTo("s3://bucket/a/b");
    assertThat(
            opened(
                "--audit-archive=s3://bucket",
                "--audit-archive-s3-region=eu-central-1",
                "--audit-archive-s3-endpoint=https://store.example:9000",
                "--audit-archive-s3-path-style"))
        .isEqualTo("s3://bucket");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--audit-archive=s3://UPPER",
        "--audit-archive=/nowhere/at/all",
        "--audit-archive-s3-path-style",
        "--audit-archive-s3-region=eu-central-1",
        "--audit-archive=s3://bucket --audit-archive-s3-region=EU",
        "--audit-archive=s3://bucket --audit-archive-s3-endpoint=http://store.example",
        "--audit-archive=. --audit-archive-s3-endpoint=https://store.example"
      })
  void anythingElse_isWrongUsage(String arguments) {
    assertThatThrownBy(() -> parsed(arguments.split(" ", -1)).place())
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith("--audit-archive")
        .hasMessageContaining("(expected: ")
        .extracting(it -> ((StartException) it).exitCode())
        .isEqualTo(Main.USAGE);
  }

  @Test
  void fileThatIsNoDirectory_isWrongUsage() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));
    assertThatThrownBy(() -> parsed("--audit-archive", file.toString()).place())
        .hasMessage(
            "--audit-archive: " + file + " (expected: a directory, or s3://BUCKET[/PREFIX])");
  }
}
