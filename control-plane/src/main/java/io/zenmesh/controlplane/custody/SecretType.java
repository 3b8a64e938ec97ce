package io.zenmesh.controlplane.custody;

import java.util.Locale;
import java.util.Optional;

/** What a secret is for. */
public enum SecretType {
  /** Bytes that a sender signs with. */
  SIGNING,
  /** A certificate chain and its private key. */
  TLS,
  /** Root certificates; nothing in it is secret, but it is named and referred to like one. */
  CA,
  /** What a tenant's keys are derived from; made here, never declared and never handed out. */
  ROOT;

  /** As it is stored, and written in a mesh file. */
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
