package io.zenmesh.controlplane.custody;

/**
 * One version of one secret, sealed: all that is needed to open it.
 *
 * @param ref whose secret
 * @param version which version
 * @param sealed its ciphertext
 */
public record SealedVersion(SecretRef ref, long version, SealedSecret sealed) {
  /** As events name it: {@code secret/acme/stripe/3}. */
  String object() {
    return "secret/" + ref + "/" + version;
  }
}
