package io.zenmesh.xds.traces;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * Keeps one secret on the heap of this process in every form: who looks for secrets there must find
 * this one.
 */
public final class LeakOnPurpose {
  /** The name under which scans look for it. */
  public static final String NAME = "leaked on purpose";

  /** What a scan of the heap must find of it, at least. */
  public static final List<String> FOUND =
      List.of(
          NAME + " (raw)",
          NAME + " (hex)",
          NAME + " (HEX)",
          NAME + " (base64)",
          NAME + " (base64url)",
          NAME + " (raw UTF-16BE)",
          NAME + " (hex UTF-16BE)",
          NAME + " (base64 UTF-16LE)");

  /** Never read; that it is reachable is the point. */
  static volatile List<Object> kept = List.of();

  private LeakOnPurpose() {}

  /** Keeps what a file holds, until the process ends. */
  public static void keep(Path file) throws IOException {
    byte[] leak = Files.readAllBytes(file);
    String hex = HexFormat.of().formatHex(leak);
    String base64 = Base64.getEncoder().encodeToString(leak);
    String raw = new String(leak, StandardCharsets.ISO_8859_1);
    kept =
        List.of(
            leak,
            hex,
            HexFormat.of().withUpperCase().formatHex(leak),
            base64,
            Base64.getUrlEncoder().encodeToString(leak),
            raw.toCharArray(),
            hex.toCharArray(),
            base64.getBytes(StandardCharsets.UTF_16LE));
  }
}
