package io.zenmesh.controlplane.custody;

import io.zenmesh.xds.model.Name;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.KDF;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Derives the keys of scheme {@code zen} from a tenant's root secret: HKDF-SHA-256 (RFC 5869) with
 * the tenant in the salt and purpose, cluster and version in the info.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A key for one tenant, cluster, purpose or version says nothing of any other, and verifies
 * nothing that was signed with another. Names have a grammar without slashes, so no two different
 * lists of them give one info. Stateless.
 */
public final class KeySchedule {
  private static final int KEY_BYTES = 32;
  private static final String TEXT_PREFIX = "zenk1_";

  private KeySchedule() {}

  /** Who signs with a key. */
  public enum Purpose {
    /** A sender of webhooks. */
    INGRESS,
    /** This mesh, towards a destination. */
    EGRESS,
    /** A node's agent, towards the control plane. */
    AGENT;

    /** As it enters the derivation. */
    public String word() {
      return name().toLowerCase(Locale.ROOT);
    }

    /** Reads what {@link #word()} writes. */
    public static Optional<Purpose> ofWord(String word) {
      for (Purpose purpose : values()) {
        if (purpose.word().equals(word)) {
          return Optional.of(purpose);
        }
      }
      return Optional.empty();
    }
  }

  /**
   * Whose keys of which purpose in which cluster.
   *
   * @param tenant whose root they are derived from
   * @param cluster where they count
   * @param purpose who signs with them
   */
  public record KeyLine(Name tenant, Name cluster, Purpose purpose) {
    /** The id of one version, as {@code k} of a signature names it. */
    public String keyId(long version) {
      return tenant + "." + cluster + "." + version;
    }
  }

  /**
   * A key in the form that senders and {@code --secret-file} take: {@code zenk1_} and 43 characters
   * of base64url, in US-ASCII; the caller's to close.
   *
   * @param root the tenant's root secret, at least 32 bytes
   * @param version counted from 1
   */
  public static SecretBytes key(SecretBytes root, KeyLine line, long version) {
    if (version < 1) {
      throw new IllegalArgumentException("version: " + version + " (expected: 1 or above)");
    }
    String info = "zen/v1/hmac/" + line.purpose().word() + "/" + line.cluster() + "/" + version;
    byte[] key = derive(root, salt(line.tenant()), info);
    byte[] encoded = Base64.getUrlEncoder().withoutPadding().encode(key);
    byte[] prefix = TEXT_PREFIX.getBytes(StandardCharsets.US_ASCII);
    byte[] text = Arrays.copyOf(prefix, prefix.length + encoded.length);
    System.arraycopy(encoded, 0, text, prefix.length, encoded.length);
    Arrays.fill(key, (byte) 0);
    Arrays.fill(encoded, (byte) 0);
    return SecretBytes.takeOver(text);
  }

  /** A key for a use inside the control plane; the caller's to close. */
  static SecretBytes internal(SecretBytes root, Name tenant, String use) {
    return SecretBytes.takeOver(derive(root, salt(tenant), "zen/v1/custody/" + use));
  }

  private static byte[] salt(Name tenant) {
    try {
      return MessageDigest.getInstance("SHA-256")
          .digest(("zen-mesh/" + tenant).getBytes(StandardCharsets.UTF_8));
    } catch (GeneralSecurityException e) {
      throw new CustodyException("SHA-256 is missing from the JDK", e);
    }
  }

  private static byte[] derive(SecretBytes root, byte[] salt, String info) {
    if (root.length() < KEY_BYTES) {
      throw new IllegalArgumentException(
          "root: " + root.length() + " bytes (expected: at least " + KEY_BYTES + ")");
    }
    byte[] ikm = root.copy(SecretAccess.granted());
    try {
      return hkdf(ikm, salt, info.getBytes(StandardCharsets.UTF_8), KEY_BYTES);
    } catch (GeneralSecurityException e) {
      throw new CustodyException("HKDF-SHA256 is missing from the JDK", e);
    } finally {
      Arrays.fill(ikm, (byte) 0);
    }
  }

  /** HKDF-SHA-256 as RFC 5869 has it. */
  static byte[] hkdf(byte[] ikm, byte[] salt, byte[] info, int length)
      throws GeneralSecurityException {
    HKDFParameterSpec.Builder extract =
        HKDFParameterSpec.ofExtract().addIKM(new SecretKeySpec(ikm, "Generic"));
    if (salt.length > 0) {
      extract.addSalt(salt); // without one it is zeros, by the RFC
    }
    return KDF.getInstance("HKDF-SHA256").deriveData(extract.thenExpand(info, length));
  }
}
