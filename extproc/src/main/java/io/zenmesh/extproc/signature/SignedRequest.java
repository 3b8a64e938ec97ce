package io.zenmesh.extproc.signature;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * A request as it came over the wire, unparsed: the engine's only view of it.
 *
 * <p>Text is Latin-1 decoded, one character per byte, so that no byte sequence can vanish or turn
 * into another. Implementations need not be thread-safe.
 */
public interface SignedRequest {
  /** Upper case as received, such as {@code POST}. */
  String method();

  /** The {@code :authority} pseudo-header, as received. */
  String authority();

  /** The {@code :path} pseudo-header after Envoy's normalisation, query included. */
  String path();

  /**
   * All values of a header, in order, one entry per header field.
   *
   * @param lowerCaseName the name in lower case
   */
  List<String> header(String lowerCaseName);

  /**
   * The whole body, positioned at its start; each call returns a fresh view. The engine never
   * writes: a view that is not read-only spares the platform's keyed hash a copy of 4 KiB pieces.
   */
  ByteBuffer body();
}
