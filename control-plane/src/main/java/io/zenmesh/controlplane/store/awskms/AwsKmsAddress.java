package io.zenmesh.controlplane.store.awskms;

import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.NamedKeys;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which keys of AWS KMS wrap, and how they are asked.
 *
 * @param current the ARN of the key to wrap under
 * @param former ARNs of keys that were current before, as long as anything is under them
 * @param endpoint where KMS is; empty for the public one of the key's region
 */
public record AwsKmsAddress(String current, List<String> former, Optional<URI> endpoint)
    implements NamedKeys {
  // No alias: it could be pointed to another key, and what is wrapped would not open any more.
  private static final Pattern ARN =
      Pattern.compile("arn:aws[a-z-]{0,20}:kms:([a-z0-9-]{1,40}):[0-9]{12}:key/[A-Za-z0-9-]{1,64}");

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when a key or the endpoint has another form
   */
  public AwsKmsAddress {
    former = List.copyOf(former);
    NamedKeys.check("aws-kms", current, former, ARN, "arn:aws:kms:REGION:ACCOUNT:key/ID, no alias");
    String region = region(current);
    for (String arn : former) {
      if (!region(arn).equals(region)) {
        throw new IllegalArgumentException(
            "kek-aws-kms-former: " + arn + " (expected: a key of the same region)");
      }
    }
    NamedKeys.check("aws-kms", endpoint);
  }

  @Override
  public String kind() {
    return "aws-kms";
  }

  private static String region(String arn) {
    Matcher match = ARN.matcher(arn);
    return match.matches() ? match.group(1) : "";
  }

  String region() {
    return region(current);
  }

  @Override
  public String expected(KmsFault fault) {
    return switch (fault) {
      case KMS_UNREACHABLE -> "AWS KMS to answer there";
      case KMS_TIMED_OUT -> "an answer in time";
      case KMS_DENIED ->
          "credentials that kms:DescribeKey, kms:Encrypt and kms:Decrypt are allowed to";
      case KMS_UNAVAILABLE -> "a service that works";
      case KMS_KEY_UNFIT -> "an enabled symmetric key for encryption";
      case KMS_UNBOUND -> "a server that binds the encryption context";
      case KMS_ANSWER_UNKNOWN -> "AWS KMS";
    };
  }

  @Override
  public String toString() {
    return current;
  }
}
