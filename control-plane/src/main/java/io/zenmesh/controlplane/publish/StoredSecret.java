package io.zenmesh.controlplane.publish;

import io.zenmesh.controlplane.custody.SealedSecret;
import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.mesh.SecretType;
import java.util.Optional;

/**
 * A secret as it is stored.
 *
 * @param certificatePem the public part; empty for {@code signing}
 * @param version the version in force; 0 for {@code ca}, which has none
 * @param sealed the value; empty for {@code ca}
 */
public record StoredSecret(
    SecretRef ref,
    SecretType type,
    Optional<String> certificatePem,
    long version,
    Optional<SealedSecret> sealed) {}
