package io.zenmesh.xds.snapshot;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Message;
import io.zenmesh.xds.secret.SecretAccess;
import io.zenmesh.xds.secret.SecretBytes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Collection;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Gives resources their version: SHA-256 of their deterministic bytes, in hex, cut to 32 digits.
 *
 * <p>For types that hold secrets it is HMAC-SHA-256 under a key that stays in the control plane, so
 * that a version shown on a status page is no oracle for guessing a secret. Thread-safe.
 */
public final class ContentVersion implements AutoCloseable {
  private static final int HEX_DIGITS = 32;
  private static final int SHORT_HEX_DIGITS = 12;

  private final SecretBytes secretTypesKey;

  /**
   * @param secretTypesKey at least 32 bytes; closed with this object
   */
  public ContentVersion(SecretBytes secretTypesKey) {
    if (secretTypesKey.length() < 32) {
      throw new IllegalArgumentException(
          "key: " + secretTypesKey.length() + " bytes (expected: at least 32)");
    }
    this.secretTypesKey = secretTypesKey;
  }

  /** The resource of {@code message}, serialised deterministically and versioned. */
  public Resource resource(ResourceType type, String name, Message message) {
    byte[] bytes = deterministicBytes(message);
    byte[] hash = type.secret() ? keyedHash(bytes) : sha256(bytes);
    String version = HexFormat.of().formatHex(hash).substring(0, HEX_DIGITS);
    Any body = Any.newBuilder().setTypeUrl(type.url()).setValue(ByteString.copyFrom(bytes)).build();
    return new Resource(type, name, version, body);
  }

  /**
   * A hash over the names and versions of {@code resources} in their order, in hex, cut to 12
   * digits. No content goes in, so it needs no key.
   */
  static String ofAll(Collection<Resource> resources) {
    StringBuilder listed = new StringBuilder();
    for (Resource resource : resources) {
      listed.append(resource.name()).append('\0').append(resource.version()).append('\0');
    }
    byte[] hash = sha256(listed.toString().getBytes(StandardCharsets.UTF_8));
    return HexFormat.of().formatHex(hash).substring(0, SHORT_HEX_DIGITS);
  }

  @Override
  public void close() {
    secretTypesKey.close();
  }

  private static byte[] deterministicBytes(Message message) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(message.getSerializedSize());
    CodedOutputStream coded = CodedOutputStream.newInstance(out);
    coded.useDeterministicSerialization();
    try {
      message.writeTo(coded);
      coded.flush();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }

  private static byte[] sha256(byte[] bytes) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 missing from the JDK", e);
    }
  }

  private byte[] keyedHash(byte[] bytes) {
    byte[] key = secretTypesKey.copy(SecretAccess.granted());
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key, "HmacSHA256"));
      return mac.doFinal(bytes);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HmacSHA256 missing from the JDK", e);
    } finally {
      Arrays.fill(key, (byte) 0);
    }
  }
}
