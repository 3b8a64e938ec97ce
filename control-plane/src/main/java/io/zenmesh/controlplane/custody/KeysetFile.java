package io.zenmesh.controlplane.custody;

import com.google.crypto.tink.AccessesPartialKey;
import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.RegistryConfiguration;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig;
import com.google.crypto.tink.aead.AesGcmKey;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Set;
import javax.crypto.KDF;
import javax.crypto.SecretKey;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Wraps data keys under a Tink keyset that lies in one file of the control plane's machine, mode
 * 0600.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>The keyset is made once, on a database without ciphertexts. A keyset that is missing where
 * there are ciphertexts, unreadable or open to others stops the start: it is never made anew, since
 * that would lose every secret. Whoever reads the file reads the secrets: its backup is the
 * operator's, apart from the database's. Thread-safe.
 */
public final class KeysetFile implements KeyWrapper {
  private static final int DERIVED_BYTES = 32;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      EnumSet.of(PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE);

  private final KeysetHandle keyset;
  private final Aead aead;

  private KeysetFile(KeysetHandle keyset) throws GeneralSecurityException {
    this.keyset = keyset;
    this.aead = keyset.getPrimitive(RegistryConfiguration.get(), Aead.class);
  }

  /**
   * Opens the keyset in {@code file}; makes one when there is none and nothing was ever sealed.
   *
   * @param ciphertextsExist whether the database holds anything sealed
   * @throws CustodyException when it cannot be used, with what to do
   */
  public static KeysetFile openOrCreate(Path file, boolean ciphertextsExist) {
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
        write(
            file,
            KeysetHandle.generateNew(
                PredefinedAeadParameters.AES256_GCM, RegistryConfiguration.get()));
      }
      return new KeysetFile(read(file));
    } catch (GeneralSecurityException e) {
      throw new CustodyException(
          "keyset: " + file + " does not parse (expected: a Tink AEAD keyset in JSON)", e);
    } catch (IOException e) {
      throw new CustodyException("keyset: " + file + " cannot be read or written", e);
    }
  }

  private static KeysetHandle read(Path file) throws IOException, GeneralSecurityException {
    Set<PosixFilePermission> permissions = EnumSet.copyOf(Files.getPosixFilePermissions(file));
    permissions.removeAll(OWNER_ONLY);
    if (!permissions.isEmpty()) {
      throw new CustodyException(
          "keyset: "
              + file
              + " has mode "
              + PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
              + " (expected: rw-------)");
    }
    KeysetHandle keyset =
        TinkJsonProtoKeysetFormat.parseKeyset(
            Files.readString(file), RegistryConfiguration.get(), InsecureSecretKeyAccess.get());
    for (int i = 0; i < keyset.size(); i++) {
      if (!(keyset.getAt(i).getKey() instanceof AesGcmKey)) {
        throw new GeneralSecurityException("keyset holds a key that is not AES-GCM");
      }
    }
    return keyset;
  }

  /** Written beside, flushed, then moved: a crash leaves the old state or the whole new file. */
  private static void write(Path file, KeysetHandle keyset)
      throws IOException, GeneralSecurityException {
    byte[] json =
        TinkJsonProtoKeysetFormat.serializeKeyset(
                keyset, RegistryConfiguration.get(), InsecureSecretKeyAccess.get())
            .getBytes(StandardCharsets.UTF_8);
    Path absolute = file.toAbsolutePath();
    Path folder = absolute.getParent();
    if (folder == null) {
      throw new IOException("no folder");
    }
    Files.createDirectories(folder);
    Path fresh = folder.resolve(absolute.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      Channels.newOutputStream(channel).write(json);
      channel.force(true);
    } finally {
      Arrays.fill(json, (byte) 0);
    }
    try {
      Files.createLink(absolute, fresh); // unlike a move, fails when another start was first
    } catch (FileAlreadyExistsException | AtomicMoveNotSupportedException e) {
      throw new IOException("made by another process at the same time", e);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /**
   * A key for another use, derived from the current key; the same after each start.
   *
   * @param purpose tells uses apart
   * @return 32 bytes, the caller's to close
   */
  @AccessesPartialKey
  public SecretBytes derive(String purpose) {
    AesGcmKey key = (AesGcmKey) keyset.getPrimary().getKey();
    byte[] ikm = key.getKeyBytes().toByteArray(InsecureSecretKeyAccess.get());
    try {
      SecretKey derived =
          KDF.getInstance("HKDF-SHA256")
              .deriveKey(
                  "Generic",
                  HKDFParameterSpec.ofExtract()
                      .addIKM(new SecretKeySpec(ikm, "Generic"))
                      .thenExpand(
                          ("zen/v1/custody/" + purpose).getBytes(StandardCharsets.UTF_8),
                          DERIVED_BYTES));
      return SecretBytes.takeOver(derived.getEncoded());
    } catch (GeneralSecurityException e) {
      throw new CustodyException("HKDF-SHA256 is missing from the JDK", e);
    } finally {
      Arrays.fill(ikm, (byte) 0);
    }
  }

  @Override
  public String kekId() {
    return idOf(keyset.getPrimary().getId());
  }

  @Override
  public byte[] wrap(SecretBytes dataKey, byte[] associatedData) {
    byte[] clear = dataKey.copy(SecretAccess.granted());
    try {
      return aead.encrypt(clear, associatedData);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("data key: cannot be wrapped", e);
    } finally {
      Arrays.fill(clear, (byte) 0);
    }
  }

  @Override
  public SecretBytes unwrap(String kekId, byte[] wrapped, byte[] associatedData) {
    boolean known = false;
    for (int i = 0; i < keyset.size(); i++) {
      known |= idOf(keyset.getAt(i).getId()).equals(kekId);
    }
    if (!known) {
      throw new SealBrokenException("data key: kek " + kekId + " is not in the keyset");
    }
    try {
      return SecretBytes.takeOver(aead.decrypt(wrapped, associatedData));
    } catch (GeneralSecurityException e) {
      throw new SealBrokenException("data key: does not open under kek " + kekId, e);
    }
  }

  private static String idOf(int id) {
    return HexFormat.of().toHexDigits(id);
  }
}
