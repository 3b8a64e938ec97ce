package io.zenmesh.extproc.signature;

import java.net.URI;

/** How a message names the public key it was signed with. */
public sealed interface KeyReference {
  /**
   * Where the sender's certificate is published. The engine has checked it: HTTPS, no user
   * information, no port, and a host that the scheme pins.
   *
   * @param url the certificate, in PEM
   */
  record Certificate(URI url) implements KeyReference {}

  /**
   * The id of a key in the provider's key set.
   *
   * @param id {@code [A-Za-z0-9._:-]{1,128}}
   */
  record KeyId(String id) implements KeyReference {}
}
