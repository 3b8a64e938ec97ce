package io.zenmesh.xds.identity;

import java.nio.file.Path;

/**
 * The three PEM files in one directory that make a process who it is.
 *
 * <p>Every process of the mesh (Envoy, processor, control plane) has such a directory: {@code
 * svid.pem} is the leaf followed by its intermediates, {@code key.pem} its PKCS#8 key (mode 0600),
 * {@code bundle.pem} the roots its peers must chain to.
 *
 * @param directory holds the three files
 */
public record IdentityFiles(Path directory) {
  public Path certificateChain() {
    return directory.resolve("svid.pem");
  }

  public Path privateKey() {
    return directory.resolve("key.pem");
  }

  public Path trustBundle() {
    return directory.resolve("bundle.pem");
  }
}
