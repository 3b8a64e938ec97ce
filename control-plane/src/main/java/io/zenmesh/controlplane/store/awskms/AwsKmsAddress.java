package io.zenmesh.controlplane.store.awskms;

import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which keys of AWS KMS wrap, and how they are asked.
 *
 * @param current the ARN of the key to wrap under
 * @param former ARNs of keys that were current before, as long as anything is under them
 * @param endpoint where KMS is; empty for the public one of the key's region
 */
public record AwsKmsAddress(String current, List<String> former, Optional<URI> endpoint) {
  /** What the ids of its keys begin with. */
  static final String PREFIX = "aws-kms:";

  // No alias: it could be pointed to another key, and what is wrapped would not open any more.
  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]{0,20}:kms:([a-z0-9-]{1,40}):[0-9]{12}:key/[A-Za-z0-9-]{1,64}");
  private static final Pattern ENDPOINT =
      Pattern.compile(
          "https://[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?|http://(127\\.0\\.0\\.1|localhost)(:[0-9]{1,5})?");

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when a key or the endpoint has another form
   */
  public AwsKmsAddress {
    former = List.copyOf(former);
    String region = region("kek-aws-kms", current);
    for (String arn : former) {
      if (arn.equals(current) || !region("kek-aws-kms-former", arn).equals(region)) {
        throw new IllegalArgumentException(
            "kek-aws-kms-former: " + arn + " (expected: another key of the same region)");
      }
    }
    endpoint
        .filter(it -> !ENDPOINT.matcher(it.toString()).matches())
        .ifPresent(it -> {
          throw new IllegalArgumentException(
              "kek-aws-kms-endpoint: "
                  + it
                  + " (expected: https://HOST[:PORT], or http:// on this machine)");
        });
  }

  private static String region(String option, String arn) {
    Matcher match = ARN.matcher(arn);
    if (!match.matches()) {
      throw new IllegalArgumentException(
          option + ": " + arn + " (expected: arn:aws:kms:REGION:ACCOUNT:key/ID, no alias)");
    }
    return match.group(1);
  }

  String region() {
    return region("kek-aws-kms", current);
  }

  /** The ids of all its keys, the current one last. */
  List<String> kekIds() {
    return Stream.concat(former.stream(), Stream.of(current)).map(it -> PREFIX + it).toList();
  }

  @Override
  public String toString() {
    return current;
  }
}
