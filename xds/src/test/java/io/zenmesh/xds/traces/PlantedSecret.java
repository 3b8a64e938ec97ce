package io.zenmesh.xds.traces;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A secret to look for, in every form that a program might keep or print it in.
 *
 * @param name what it is, which may be printed
 * @param bytes the secret itself, at least {@value #LEAST} bytes
 */
public record PlantedSecret(String name, byte[] bytes) {
  /** Enough not to be there by chance. */
  private static final int LEAST = 16;

  /** By name, the beginning of each form: a copy that was cut short counts too. */
  Map<String, byte[]> forms() {
    Map<String, String> texts = new LinkedHashMap<>();
    texts.put("hex", HexFormat.of().formatHex(bytes));
    texts.put("HEX", HexFormat.of().withUpperCase().formatHex(bytes));
    texts.put("base64", Base64.getEncoder().withoutPadding().encodeToString(bytes));
    texts.put("base64url", Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    Map<String, byte[]> forms = new LinkedHashMap<>();
    forms.put("raw", bytes);
    String raw = new String(bytes, StandardCharsets.ISO_8859_1);
    wide(forms, "raw", raw);
    texts.forEach((form, text) -> {
      forms.put(form, text.getBytes(StandardCharsets.US_ASCII));
      wide(forms, form, text);
    });
    forms.replaceAll((form, all) -> Arrays.copyOf(all, Math.min(all.length, 2 * LEAST)));
    return forms;
  }

  private static void wide(Map<String, byte[]> forms, String form, String text) {
    for (Charset order : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
      forms.put(form + " " + order, text.getBytes(order));
    }
  }

  @Override
  public String toString() {
    return "PlantedSecret[" + name + "]";
  }
}
