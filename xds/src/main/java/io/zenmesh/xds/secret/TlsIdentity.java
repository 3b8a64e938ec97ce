package io.zenmesh.xds.secret;

/** A certificate chain and its private key, as Envoy is to serve them under one secret name. */
public final class TlsIdentity {
  private final String name;
  private final String certificateChainPem;
  private final SecretBytes privateKeyPem;

  /**
   * @param name the SDS secret name
   * @param certificateChainPem leaf first
   * @param privateKeyPem PKCS#8, PEM
   */
  public TlsIdentity(String name, String certificateChainPem, SecretBytes privateKeyPem) {
    this.name = name;
    this.certificateChainPem = certificateChainPem;
    this.privateKeyPem = privateKeyPem;
  }

  public String name() {
    return name;
  }

  public String certificateChainPem() {
    return certificateChainPem;
  }

  public SecretBytes privateKeyPem() {
    return privateKeyPem;
  }

  @Override
  public String toString() {
    return "TlsIdentity[" + name + "]";
  }
}
