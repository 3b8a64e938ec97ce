package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.custody.MacKey;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;

/**
 * Marks where a list goes on. Thread-safe.
 *
 * <h2>Security guarantees</h2>
 *
 * <p>A cursor bears a tag over operation, tenant and place: one that was made up, changed or handed
 * out for another list or tenant is refused, never read.
 */
public final class Cursors {
  private final MacKey key;

  /**
   * @param key the caller's to close
   */
  public Cursors(MacKey key) {
    this.key = key;
  }

  /** The cursor behind {@code last}. */
  String behind(ApiRequest request, String last) {
    byte[] place = last.getBytes(StandardCharsets.UTF_8);
    byte[] tag = key.tag(text(request, place));
    byte[] whole = Arrays.copyOf(tag, tag.length + place.length);
    System.arraycopy(place, 0, whole, tag.length, place.length);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(whole);
  }

  /** The place a cursor of ours marks; empty for any other. */
  Optional<String> place(ApiRequest request, String cursor) {
    byte[] whole;
    try {
      whole = Base64.getUrlDecoder().decode(cursor);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    if (whole.length <= MacKey.TAG_BYTES) {
      return Optional.empty();
    }
    byte[] tag = Arrays.copyOf(whole, MacKey.TAG_BYTES);
    byte[] place = Arrays.copyOfRange(whole, MacKey.TAG_BYTES, whole.length);
    return key.made(text(request, place), tag)
        ? Optional.of(new String(place, StandardCharsets.UTF_8))
        : Optional.empty();
  }

  /** Each part with its length, so that no two lists share a text. */
  private static byte[] text(ApiRequest request, byte[] place) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (DataOutputStream out = new DataOutputStream(bytes)) {
      out.writeUTF("zen/v1/cursor");
      out.writeUTF(request.operation().id());
      out.writeUTF(request.operation().ofTenant() ? request.tenant().value() : "");
      out.writeInt(place.length);
      out.write(place);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }
}
