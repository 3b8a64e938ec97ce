package io.zenmesh.controlplane;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;

/**
 * The control plane's process, which also keeps one secret on its heap on purpose, in every form:
 * who looks for secrets there must find this one.
 */
final class LeakingControlPlane {
  /** Never read; that it is reachable is the point. */
  static volatile List<Object> kept = List.of();

  private LeakingControlPlane() {}

  /**
   * @param arguments the file that holds the secret, then those of the control plane
   */
  public static void main(String[] arguments) throws IOException {
    byte[] leak = Files.readAllBytes(Path.of(arguments[0]));
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
    Main.main(Arrays.copyOfRange(arguments, 1, arguments.length));
  }
}
