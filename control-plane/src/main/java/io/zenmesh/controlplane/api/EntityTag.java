package io.zenmesh.controlplane.api;

import io.zenmesh.controlplane.apply.ResourceRef;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The version of what is shown: a hash of its content, so that it is the same on every server. */
final class EntityTag {
  private static final int HEX_DIGITS = 32;

  private EntityTag() {}

  /** As it stands in {@code ETag}. */
  static String of(Object shown) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(ApiJson.MAPPER.writeValueAsBytes(shown));
      return '"' + HexFormat.of().formatHex(hash).substring(0, HEX_DIGITS) + '"';
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("SHA-256 missing from the JDK", e);
    }
  }

  /** Whether what is there is what the caller's conditions say (RFC 9110, 13.1). */
  static boolean expected(ApiRequest request, Optional<?> current) {
    Optional<String> match = request.header("If-Match");
    Optional<String> noneMatch = request.header("If-None-Match");
    Optional<String> tag = current.map(EntityTag::of);
    boolean matches = match.isEmpty() || names(match.get(), tag);
    boolean differs = noneMatch.isEmpty() || !names(noneMatch.get(), tag);
    return matches && differs;
  }

  private static boolean names(String condition, Optional<String> tag) {
    return tag.isPresent()
        && (condition.strip().equals("*")
            || List.of(condition.split(",", -1)).stream()
                .map(String::strip)
                .anyMatch(it -> it.equals(tag.get())));
  }

  static String word(ResourceRef.Kind kind) {
    return kind.word().toLowerCase(Locale.ROOT);
  }
}
