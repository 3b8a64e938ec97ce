package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.xds.secret.SecretBytes;
import java.util.Optional;

/** A secret of the mesh, with its value read from where the file says it lies. */
public final class SecretSpec implements AutoCloseable {
  private final SecretRef ref;
  private final SecretType type;
  private final Optional<String> certificatePem;
  private final Optional<SecretBytes> value;

  /**
   * @param certificatePem the chain of a {@code tls} secret, the roots of a {@code ca} secret
   * @param value the signing secret or the PKCS#8 PEM key; empty for {@code ca}; closed with this
   */
  public SecretSpec(
      SecretRef ref,
      SecretType type,
      Optional<String> certificatePem,
      Optional<SecretBytes> value) {
    this.ref = ref;
    this.type = type;
    this.certificatePem = certificatePem;
    this.value = value;
  }

  public SecretRef ref() {
    return ref;
  }

  public SecretType type() {
    return type;
  }

  public Optional<String> certificatePem() {
    return certificatePem;
  }

  public Optional<SecretBytes> value() {
    return value;
  }

  @Override
  public void close() {
    value.ifPresent(SecretBytes::close);
  }

  @Override
  public String toString() {
    return "SecretSpec[" + ref + ", " + type.word() + "]";
  }
}
