package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;

/** A secret that documents may refer to though none of them states it: it is kept already. */
public record KeptSecret(SecretRef ref, SecretType type) {}
