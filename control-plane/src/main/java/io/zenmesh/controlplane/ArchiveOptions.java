package io.zenmesh.controlplane;

import io.zenmesh.controlplane.audit.ArchiveFolder;
import io.zenmesh.controlplane.audit.ArchivePlace;
import io.zenmesh.controlplane.store.s3.S3Address;
import io.zenmesh.controlplane.store.s3.S3Archives;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;
import picocli.CommandLine.Option;

/** Where archives of the audit record are kept: nowhere, a directory, or an S3-compatible store. */
final class ArchiveOptions {
  private static final String DEFAULT_REGION = "us-east-1";

  @Option(
      names = "--audit-archive",
      paramLabel = "DIR|s3://BUCKET[/PREFIX]",
      description =
          "Where audit entries older than their tenant's auditRetention are archived before they"
              + " are pruned; needs the login zen_retention. S3 credentials are found as AWS tools"
              + " find them. Default: none, nothing is pruned.")
  private Optional<String> place = Optional.empty();

  @Option(
      names = "--audit-archive-s3-region",
      paramLabel = "REGION",
      description = "The bucket's region; default: " + DEFAULT_REGION + ".")
  private Optional<String> region = Optional.empty();

  @Option(
      names = "--audit-archive-s3-endpoint",
      paramLabel = "URL",
      description = "Where an S3-compatible store is; default: AWS's own of the region.")
  private Optional<URI> endpoint = Optional.empty();

  @Option(
      names = "--audit-archive-s3-path-style",
      description = "Names the bucket in the path and not in the host.")
  private boolean pathStyle;

  /**
   * What opens the place; empty for none.
   *
   * @throws StartException when it is not a place, or no directory that is there
   */
  Optional<Supplier<ArchivePlace>> place() {
    boolean inS3 = place.filter(it -> it.startsWith(S3Address.SCHEME)).isPresent();
    if (!inS3 && (region.isPresent() || endpoint.isPresent() || pathStyle)) {
      throw StartException.usage(
          "--audit-archive: "
              + place.orElse("missing")
              + " (expected: s3://BUCKET[/PREFIX] with options for S3)");
    }
    return place.map(it -> inS3 ? bucket(it) : directory(it));
  }

  private Supplier<ArchivePlace> bucket(String text) {
    try {
      S3Address address = S3Address.parse(text, region.orElse(DEFAULT_REGION), endpoint, pathStyle);
      return () -> S3Archives.of(address);
    } catch (IllegalArgumentException e) {
      throw StartException.usage("--" + e.getMessage());
    }
  }

  private static Supplier<ArchivePlace> directory(String text) {
    Path folder = Path.of(text);
    if (!Files.isDirectory(folder)) {
      throw StartException.usage(
          "--audit-archive: " + text + " (expected: a directory, or s3://BUCKET[/PREFIX])");
    }
    return () -> new ArchiveFolder(folder);
  }
}
