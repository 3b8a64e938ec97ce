package io.zenmesh.controlplane.mesh;

import java.util.Locale;
import java.util.Optional;

/** What a secret is for. */
public enum SecretType {
  /** Bytes that a sender signs with. */
  SIGNING,
  /** A certificate chain and its private key. */
  TLS,
  /** Root certificates; nothing in it is secret, but it is named and referred to like one. */
  CA;

  /** As it is written in a mesh file. */
  public String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads what {@link #word()} writes. */
  public static Optional<SecretType> ofWord(String word) {
    for (SecretType type : values()) {
      if (type.word().equals(word)) {
        return Optional.of(type);
      }
    }
    return Optional.empty();
  }
}
