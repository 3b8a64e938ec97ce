package io.zenmesh.controlplane.custody;

import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Wraps data keys under a Tink keyset that lies in one file of the control plane's machine, mode
 * 0600, in the clear or sealed by a passphrase.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The keyset is made once, on a database without ciphertexts. A keyset that is missing where
 * there are ciphertexts, unreadable or open to others stops the start: it is never made anew, since
 * that would lose every secret. A change is whole and on disk before it counts, under a lock, on
 * top of what the file holds then. Whoever reads a keyset in the clear reads the secrets: its
 * backup is the operator's, apart from the database's. In memory the keys lie outside of the Java
 * heap. Thread-safe.
 */
public final class KeysetFile implements Keyring {
  private final Path file;
  private final KeysetForm form;
  private final SecureRandom random;
  private volatile Held held;

  /** What was read last: swapped as a whole. The keys lie off the heap. */
  private record Held(String current, Map<String, KeysetKey> keys) {
    static Held of(KeysetHandle keyset, SecureRandom random) throws GeneralSecurityException {
      Map<String, KeysetKey> keys = new LinkedHashMap<>();
      for (int i = 0; i < keyset.size(); i++) {
        KeysetHandle.Entry entry = keyset.getAt(i);
        if (!(entry.getKey() instanceof AesGcmKey key)) {
          throw new GeneralSecurityException("keyset holds a key that is not AES-GCM");
        }
        keys.put(idOf(entry.getId()), new KeysetKey(key, random));
      }
      return new Held(idOf(keyset.getPrimary().getId()), Collections.unmodifiableMap(keys));
    }
  }

  private interface Change {
    KeysetHandle of(KeysetHandle keyset) throws GeneralSecurityException;
  }

  private KeysetFile(Path file, KeysetForm form, SecureRandom random, Held held) {
    this.file = file;
    this.form = form;
    this.random = random;
    this.held = held;
  }

  /**
   * Opens the keyset in {@code file}, in the clear; makes one when there is none and nothing was
   * ever sealed.
   *
   * @param ciphertextsExist whether the database holds anything sealed
   * @throws CustodyException when it cannot be used, with what to do
   */
  public static KeysetFile openOrCreate(Path file, boolean ciphertextsExist) {
    return openOrCreate(file, ciphertextsExist, KeysetForm.clear(), new SecureRandom());
  }

  /**
   * The same for a keyset sealed by a passphrase.
   *
   * @param passphrase at least 12 bytes; kept, for the keyset is written again when it changes
   */
  public static KeysetFile openOrCreate(
      Path file, boolean ciphertextsExist, SecretBytes passphrase, SecureRandom random) {
    return openOrCreate(
        file,
        ciphertextsExist,
        new SealedKeysetForm(new PassphraseSeal(passphrase, random)),
        random);
  }

  private static KeysetFile openOrCreate(
      Path file, boolean ciphertextsExist, KeysetForm form, SecureRandom random) {
    try {
      AeadConfig.register();
      if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
        if (ciphertextsExist) {
          throw new CustodyException(
              "keyset: "
                  + file
                  + " is missing and the database holds sealed secrets (expected: the keyset they"
                  + " were sealed with; restore it from its backup)");
        }
        KeysetHandle fresh =
            KeysetHandle.generateNew(
                PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get());
        PrivateFile.create(file, form.write(fresh));
      }
      return new KeysetFile(file, form, random, Held.of(read(file, form), random));
    } catch (GeneralSecurityException e) {
      throw new CustodyException(
          "keyset: " + file + " does not open (expected: " + form.title() + ")", e);
    } catch (IOException e) {
      throw new CustodyException("keyset: " + file + " cannot be read or written", e);
    }
  }

  private static KeysetHandle read(Path file, KeysetForm form)
      throws IOException, GeneralSecurityException {
    byte[] bytes = PrivateFile.read(file, "keyset");
    try {
      return form.read(bytes);
    } finally {
      Arrays.fill(bytes, (byte) 0);
    }
  }

  @Override
  public String kekId() {
    return held.current();
  }

  @Override
  public List<String> kekIds() {
    return List.copyOf(held.keys().keySet());
  }

  @Override
  public String addCurrent() {
    change(keyset ->
        KeysetHandle.newBuilder(keyset)
            .addEntry(
                KeysetHandle.generateEntryFromParameters(PredefinedAeadParameters.AES256_GCM)
                    .withRandomId()
                    .makePrimary())
            .build());
    return held.current();
  }

  @Override
  public void destroy(String kekId) {
    change(keyset -> {
      if (idOf(keyset.getPrimary().getId()).equals(kekId)) {
        throw new IllegalArgumentException("kek: " + kekId + " is the current one");
      }
      KeysetHandle.Builder rest = KeysetHandle.newBuilder(keyset);
      for (int i = rest.size() - 1; i >= 0; i--) {
        if (idOf(keyset.getAt(i).getId()).equals(kekId)) {
          rest.deleteAt(i);
        }
      }
      return rest.build();
    });
  }

  /** On top of what the file holds now: another process may have changed it. */
  private synchronized void change(Change change) {
    try {
      PrivateFile.locked(
          file,
          () -> {
            KeysetHandle next = change.of(read(file, form));
            PrivateFile.replace(file, form.write(next));
            become(Held.of(next, random));
          });
    } catch (GeneralSecurityException e) {
      throw new CustodyException("keyset: " + file + " cannot be changed", e);
    } catch (IOException e) {
      throw new CustodyException("keyset: " + file + " cannot be read or written", e);
    }
  }

  /** Keys that are gone are zeroed; whoever is about to use one is told so. */
  private synchronized void become(Held next) {
    Held before = held;
    held = next;
    before
        .keys()
        .forEach((id, key) -> {
          if (!next.keys().containsKey(id)) {
            key.close();
          }
        });
  }

  @Override
  public byte[] wrap(String kekId, SecretBytes dataKey, byte[] associatedData) {
    KeysetKey key = held.keys().get(kekId);
    if (key == null) {
      throw new CustodyException("data key: kek " + kekId + " is not in the keyset");
    }
    byte[] clear = dataKey.copy(SecretAccess.granted());
    try {
      return key.encrypt(clear, associatedData);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("data key: cannot be wrapped", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    try {
      return SecretBytes.takeOver(key(kekId).decrypt(wrapped, associatedData));
    } catch (GeneralSecurityException e) {
      throw new SealBrokenException("data key: does not open under kek " + kekId, e);
    }
  }

  /** A key we do not know may be one that another process has added since. */
  private KeysetKey key(String kekId) {
    KeysetKey known = held.keys().get(kekId);
    if (known != null) {
      return known;
    }
    try {
      become(Held.of(read(file, form), random));
    } catch (GeneralSecurityException | IOException e) {
      throw new SealBrokenException("data key: kek " + kekId + " is not in the keyset", e);
    }
    KeysetKey added = held.keys().get(kekId);
    if (added == null) {
      throw new SealBrokenException("data key: kek " + kekId + " is not in the keyset");
    }
    return added;
  }

  private static String idOf(int id) {
    return HexFormat.of().toHexDigits(id);
  }
}
