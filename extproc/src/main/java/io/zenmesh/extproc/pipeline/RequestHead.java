package io.zenmesh.extproc.pipeline;

import java.util.List;
import java.util.Optional;

/**
 * The head of a request as Envoy reports it. Text is Latin-1 decoded, one character per byte, so
 * that no byte sequence can vanish or turn into another.
 */
public interface RequestHead {
  /** The name of the route Envoy chose, which is the endpoint; empty when it chose none. */
  Optional<String> routeName();

  /**
   * What Envoy says of the client's certificate; never taken from a header. Where it says nothing
   * there is none, so that an endpoint that requires one refuses.
   */
  default ClientCertificate client() {
    return ClientCertificate.NONE;
  }

  /**
   * All values of a header or pseudo-header, in order, one entry per field.
   *
   * @param lowerCaseName the name in lower case
   */
  List<String> header(String lowerCaseName);

  /** How many fields there are, pseudo-headers included. */
  int fieldCount();

  /** How many bytes their names and values have. */
  long fieldBytes();
}
