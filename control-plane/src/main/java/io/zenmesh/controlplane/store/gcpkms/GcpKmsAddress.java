package io.zenmesh.controlplane.store.gcpkms;

import io.zenmesh.controlplane.store.kms.KmsFault;
import io.zenmesh.controlplane.store.kms.NamedKeys;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which keys of Google Cloud KMS wrap, and how they are asked.
 *
 * @param current the resource name of the key to wrap under
 * @param former resource names of keys that were current before, as long as anything is under them
 * @param endpoint where KMS is; empty for the public one
 * @param credentials a file of mode 0600 with who asks; empty for the application default
 */
public record GcpKmsAddress(
    String current, List<String> former, Optional<URI> endpoint, Optional<Path> credentials)
    implements NamedKeys {
  private static final URI PUBLIC = URI.create("https://cloudkms.googleapis.com");

  // No version: KMS wraps under the primary one, and opens under the one that the ciphertext names.
  private static final Pattern NAME =
      Pattern.compile(
          "projects/[a-z0-9.:-]{1,100}/locations/[a-z0-9-]{1,63}/keyRings/[A-Za-z0-9_-]{1,63}/cryptoKeys/[A-Za-z0-9_-]{1,63}");

  /**
   * Copies the list.
   *
   * @throws IllegalArgumentException when a key or the endpoint has another form
   */
  public GcpKmsAddress {
    former = List.copyOf(former);
    NamedKeys.check(
        "gcp-kms",
        current,
        former,
        NAME,
        "projects/P/locations/L/keyRings/R/cryptoKeys/K, no version");
    NamedKeys.check("gcp-kms", endpoint);
  }

  @Override
  public String kind() {
    return "gcp-kms";
  }

  /** What is asked about a key; {@code verb} is empty, or begins with a colon. */
  URI uri(String key, String verb) {
    return URI.create(endpoint.orElse(PUBLIC) + "/v1/" + key + verb);
  }

  @Override
  public String expected(KmsFault fault) {
    return switch (fault) {
      case KMS_UNREACHABLE -> "Google Cloud KMS to answer there";
      case KMS_TIMED_OUT -> "an answer in time";
      case KMS_DENIED ->
          "credentials with cloudkms.cryptoKeys.get and cloudkms.cryptoKeyVersions.useToEncrypt"
              + " and useToDecrypt";
      case KMS_UNAVAILABLE -> "a service that works";
      case KMS_KEY_UNFIT -> "a symmetric key for encryption with an enabled primary version";
      case KMS_UNBOUND -> "a server that binds additionalAuthenticatedData";
      case KMS_ANSWER_UNKNOWN -> "Google Cloud KMS";
    };
  }

  @Override
  public String toString() {
    return current;
  }
}
