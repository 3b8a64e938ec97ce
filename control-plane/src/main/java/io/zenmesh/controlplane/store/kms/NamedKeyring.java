package io.zenmesh.controlplane.store.kms;

import io.zenmesh.controlplane.custody.CustodyException;
import io.zenmesh.controlplane.custody.Keyring;
import io.zenmesh.controlplane.custody.SealBrokenException;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Wraps data keys with keys of a service that makes and deletes none for us. Each key is a
 * key-encryption key of ours: {@code KIND:KEY}.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The keys never leave the service. What is wrapped is bound by the SHA-256 of the associated
 * data: services show it in their logs, and a log is not to tell tenants and names. A service that
 * ignores it is found out at the start and refused. What cannot be asked is not wrapped and not
 * opened. Thread-safe.
 */
public final class NamedKeyring implements Keyring {
  /** A data key and its tag are longer than this, whatever else a service puts around them. */
  private static final int LEAST = 48;

  /** The most that a service takes. */
  private static final int MOST = 6_144;

  private final NamedKeys keys;
  private final KeyService service;
  private final String current;
  private final List<String> present;

  private NamedKeyring(NamedKeys keys, KeyService service) {
    this.keys = keys;
    this.service = service;
    this.current = keys.kekId(keys.current());
    this.present = new CopyOnWriteArrayList<>(keys.kekIds());
  }

  /**
   * Looks at the current key and proves that it can be used.
   *
   * @param service closed with the keyring, and when this throws
   * @throws CustodyException when it cannot be reached or used, with a code and what to do
   */
  public static NamedKeyring open(NamedKeys keys, KeyService service) {
    NamedKeyring keyring = new NamedKeyring(keys, service);
    try {
      service.proveFit(keys.current());
      Binding.prove(keyring, keys);
      return keyring;
    } catch (RuntimeException e) {
      keyring.close();
      throw e;
    }
  }

  @Override
  public String kekId() {
    return current;
  }

  @Override
  public List<String> kekIds() {
    return List.copyOf(present);
  }

  /** Refused: who rights a key's policy makes the key, and names it at the next start. */
  @Override
  public String addCurrent() {
    String option = "--kek-" + keys.kind();
    throw new CustodyException(
        "kek: "
            + current
            + " (expected: a key made by its owner as "
            + option
            + ", and this one as "
            + option
            + "-former, at the next start)");
  }

  /** Lets go of the key for good; to delete it is its owner's to do. */
  @Override
  public void destroy(String kekId) {
    if (kekId.equals(current)) {
      throw new IllegalArgumentException("kek: " + kekId + " is the current one");
    }
    present.remove(kekId);
  }

  private Optional<String> key(String kekId) {
    return Optional.of(kekId).filter(present::contains).map(keys::key);
  }

  @Override
  public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
    String key =
        key(kekId)
            .orElseThrow(
                () -> new CustodyException("data key: kek " + kekId + " is not in use here"));
    byte[] clear = dataKey.copy(SecretAccess.granted());
    try {
      return service.wrap(key, clear, digest(associatedData));
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    String key =
        key(kekId)
            .orElseThrow(
                () -> new SealBrokenException("data key: kek " + kekId + " is not in use here"));
    if (wrapped.length < LEAST || wrapped.length > MOST) {
      throw new SealBrokenException("data key: does not open under kek " + kekId);
    }
    return service.unwrap(key, wrapped, digest(associatedData));
  }

  private static byte[] digest(byte[] associatedData) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(associatedData);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    service.close();
  }
}
