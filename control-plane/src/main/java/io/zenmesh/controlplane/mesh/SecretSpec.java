package io.zenmesh.controlplane.mesh;

import io.zenmesh.controlplane.custody.SecretRef;
import io.zenmesh.controlplane.custody.SecretType;
import io.zenmesh.xds.secret.SecretBytes;
import java.time.Duration;
import java.util.Optional;

/** A secret of the mesh, with its value read from where the file says it lies. */
public final class SecretSpec implements AutoCloseable {
  private final SecretRef ref;
  private final SecretType type;
  private final Optional<String> certificatePem;
  private final Optional<SecretBytes> value;
  private final Duration overlap;

  /**
   * @param certificatePem the chain of a {@code tls} secret, the roots of a {@code ca} secret
   * @param value the signing secret or the PKCS#8 PEM key; empty for {@code ca} and for a signing
   *     secret whose value lies in custody; closed with this
   * @param overlap for how long values before a changed one count beside it; of a signing secret
   */
  public SecretSpec(
      SecretRef ref,
      SecretType type,
      Optional<String> certificatePem,
      Optional<SecretBytes> value,
      Duration overlap) {
    this.ref = ref;
    this.type = type;
    this.certificatePem = certificatePem;
    this.value = value;
    this.overlap = overlap;
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

  /** For how long values before a changed one count beside it. */
  public Duration overlap() {
    return overlap;
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
