package io.zenmesh.controlplane.store.kms;

import static org.junit.jupiter.api.Assumptions.abort;

import io.zenmesh.controlplane.custody.KeyWrapper;
import io.zenmesh.controlplane.custody.KeyWrapperContract;
import io.zenmesh.controlplane.custody.Keyring;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * The contract against a service itself, where the environment names two of its keys; skipped, with
 * the reason, where it does not. A run asks about a thousand questions, which are paid for.
 */
public abstract class LiveKmsContract extends KeyWrapperContract {
  private final String zen;
  private final String other;
  private final List<Keyring> opened = new ArrayList<>();

  /** With the names of two variables. */
  protected LiveKmsContract(String zen, String other) {
    this.zen = zen;
    this.other = other;
  }

  /** Opens a key with the credentials that are there. */
  protected abstract Keyring open(String key);

  private static String named(String variable) {
    return Optional.ofNullable(System.getenv(variable)).orElse("");
  }

  @BeforeEach
  void skipWithoutKeys() {
    if (named(zen).isEmpty() || named(other).isEmpty()) {
      String reason =
          "SKIPPED, nothing was checked against the service: "
              + zen
              + ", "
              + other
              + " (expected: names of two keys)";
      System.err.println(reason);
      abort(reason);
    }
  }

  @AfterEach
  void close() {
    opened.forEach(Keyring::close);
  }

  private Keyring kept(String variable) {
    Keyring keyring = open(named(variable));
    opened.add(keyring);
    return keyring;
  }

  @Override
  protected KeyWrapper wrapper() {
    return kept(zen);
  }

  @Override
  protected KeyWrapper strange() {
    return kept(other);
  }

  @Override
  protected int wraps() {
    return 200;
  }
}
