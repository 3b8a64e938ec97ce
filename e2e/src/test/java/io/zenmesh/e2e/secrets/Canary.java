package io.zenmesh.e2e.secrets;

import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.Set;

/**
 * A secret to look for, in every form a program might print it.
 *
 * @param name what it is, which may be printed
 * @param bytes the secret itself
 */
record Canary(String name, byte[] bytes) {
  private static final int SHORTEST = 12;

  /** The texts that must not appear anywhere; short ones, which appear by chance, are left out. */
  Set<String> forms() {
    Set<String> forms = new LinkedHashSet<>();
    String hex = HexFormat.of().formatHex(bytes);
    forms.add(new String(bytes, StandardCharsets.ISO_8859_1));
    forms.add(hex);
    forms.add(HexFormat.of().withUpperCase().formatHex(bytes));
    forms.add(HexFormat.ofDelimiter(", ").formatHex(bytes));
    forms.add(Base64.getEncoder().withoutPadding().encodeToString(bytes));
    forms.add(Base64.getUrlEncoder().withoutPadding().encodeToString(bytes));
    StringBuilder signed = new StringBuilder();
    for (byte octet : bytes) {
      signed.append(signed.isEmpty() ? "" : ", ").append(octet);
    }
    forms.add(signed.toString());
    forms.removeIf(form -> form.length() < SHORTEST);
    return forms;
  }

  @Override
  public String toString() {
    return "Canary[" + name + "]";
  }
}
