package io.zenmesh.controlplane.store.s3;

import io.zenmesh.controlplane.audit.ArchiveName;
import java.net.URI;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where in an S3-compatible store archives are kept, and how the store is asked. Immutable.
 *
 * @param bucket what must be there already: 3 to 63 lower-case letters, digits, {@code .}, {@code
 *     -}
 * @param prefix what all keys begin with, without a {@code /} at either end; may be empty
 * @param region what requests are signed for
 * @param endpoint where the store is; empty for AWS's own of the region
 * @param pathStyle whether the bucket is named in the path, as compatible stores want it, and not
 *     in the host
 */
public record S3Address(
    String bucket, String prefix, String region, Optional<URI> endpoint, boolean pathStyle) {
  /** What an address of a bucket begins with. */
  public static final String SCHEME = "s3://";

  private static final Pattern PLACE =
      Pattern.compile(
          "s3://([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])(?:/([A-Za-z0-9._=-]{1,128}(?:/[A-Za-z0-9._=-]{1,128}){0,7})?/?)?");
  private static final Pattern REGION = Pattern.compile("[a-z0-9-]{1,40}");
  // In the clear only to this machine: archives hold what the record holds.
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|http://(127\\.0\\.0\\.1|localhost)(:[0-9]{1,5})?");

  /**
   * Reads {@code s3://BUCKET[/PREFIX]}.
   *
   * @throws IllegalArgumentException when a part has another form; it names the option
   */
  public static S3Address parse(
      String place, String region, Optional<URI> endpoint, boolean pathStyle) {
    Matcher match = PLACE.matcher(place);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          "audit-archive: " + place + " (expected: a directory, or s3://BUCKET[/PREFIX])");
    }
    String prefix = Optional.ofNullable(match.group(2)).orElse("");
    return new S3Address(match.group(1), prefix, region, endpoint, pathStyle);
  }

  /**
   * Checks region and endpoint.
   *
   * @throws IllegalArgumentException when one has another form; it names the option
   */
  public S3Address {
    if (!REGION.matcher(region).matches()) {
      throw new IllegalArgumentException(
          "audit-archive-s3-region: " + region + " (expected: a region, like eu-central-1)");
    }
    endpoint
        .filter(it -> !ENDPOINT.matcher(it.toString()).matches())
        .ifPresent(it -> {
          throw new IllegalArgumentException(
              "audit-archive-s3-endpoint: "
                  + it
                  + " (expected: https://HOST[:PORT], or http:// on this machine)");
        });
  }

  /** The key of what is at a path below the prefix. */
  String key(String path) {
    return prefix.isEmpty() ? path : prefix + "/" + path;
  }

  String key(ArchiveName name) {
    return key(name.path());
  }

  String shown(String path) {
    return SCHEME + bucket + "/" + key(path);
  }

  @Override
  public String toString() {
    return SCHEME + bucket + (prefix.isEmpty() ? "" : "/" + prefix);
  }
}
