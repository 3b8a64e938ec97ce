package io.zenmesh.controlplane.custody;

import java.util.List;

/** A wrapper whose keys can be changed. Thread-safe. */
public interface Keyring extends KeyWrapper, AutoCloseable {
  /** The keys it can unwrap with, the current one among them. */
  List<String> kekIds();

  /**
   * Makes a new key, the current one from now on; the others stay. On record where it is kept when
   * this returns.
   *
   * @return its id
   * @throws CustodyException when it could not be kept; the current key is unchanged then
   */
  String addCurrent();

  /**
   * Destroys a key; what is wrapped under it never opens again. Does nothing when it is not there.
   *
   * @throws IllegalArgumentException when it is the current one
   * @throws CustodyException when it could not be destroyed
   */
  void destroy(String kekId);

  /** Lets go of what it is connected to; the keys stay where they are. */
  @Override
  default void close() {}
}
