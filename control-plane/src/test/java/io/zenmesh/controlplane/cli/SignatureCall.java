package io.zenmesh.controlplane.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;

/** One call of a signature command as values; each {@code with...} gives a changed copy. */
record SignatureCall(
    String scheme,
    String secret,
    String method,
    Optional<String> url,
    Map<String, List<String>> headers,
    String body,
    long at,
    List<String> more) {
  static final long NOW = 1_764_000_000L;

  static SignatureCall of(String scheme, String secret, String body) {
    return new SignatureCall(
        scheme, secret, "POST", Optional.empty(), Map.of(), body, NOW, List.of());
  }

  SignatureCall withScheme(String changed) {
    return new SignatureCall(changed, secret, method, url, headers, body, at, more);
  }

  SignatureCall withSecret(String changed) {
    return new SignatureCall(scheme, changed, method, url, headers, body, at, more);
  }

  SignatureCall withMethod(String changed) {
    return new SignatureCall(scheme, secret, changed, url, headers, body, at, more);
  }

  SignatureCall withUrl(String changed) {
    return new SignatureCall(scheme, secret, method, Optional.of(changed), headers, body, at, more);
  }

  SignatureCall withBody(String changed) {
    return new SignatureCall(scheme, secret, method, url, headers, changed, at, more);
  }

  SignatureCall withAt(long changed) {
    return new SignatureCall(scheme, secret, method, url, headers, body, changed, more);
  }

  SignatureCall with(String... options) {
    List<String> all = new ArrayList<>(more);
    all.addAll(List.of(options));
    return new SignatureCall(scheme, secret, method, url, headers, body, at, all);
  }

  /** All fields of one header; none removes it. */
  SignatureCall withHeader(String name, String... values) {
    Map<String, List<String>> changed = new LinkedHashMap<>(headers);
    changed.put(name, List.of(values));
    return new SignatureCall(scheme, secret, method, url, changed, body, at, more);
  }

  SignatureCall withHeader(String name, UnaryOperator<String> change) {
    return withHeader(name, change.apply(header(name)));
  }

  String header(String name) {
    return headers.getOrDefault(name, List.of("")).getFirst();
  }

  /** With the headers that {@code sign} prints for it. */
  SignatureCall signed(Path folder) {
    ZenctlRun run = with("--id", "0f8fad5bd9cb469fa16570867728950e").run(folder, "sign");
    SignatureCall signed = this;
    for (String line : run.out().lines().toList()) {
      int colon = line.indexOf(": ");
      signed = signed.withHeader(line.substring(0, colon), line.substring(colon + 2));
    }
    return signed;
  }

  ZenctlRun run(Path folder, String command) {
    List<String> arguments = new ArrayList<>(List.of("signature", command, "--scheme", scheme));
    if (!secret.isEmpty()) {
      arguments.addAll(List.of("--secret-file", secretFile(folder, secret).toString()));
    }
    arguments.addAll(List.of("--method", method));
    url.ifPresent(it -> arguments.addAll(List.of("--url", it)));
    headers.forEach((name, values) ->
        values.forEach(value -> arguments.addAll(List.of("--header", name + ": " + value))));
    arguments.addAll(List.of("--body-file", file(folder, "body", body).toString()));
    arguments.addAll(List.of("--at", Long.toString(at)));
    arguments.addAll(more);
    return ZenctlRun.of(Map.of(), arguments.toArray(String[]::new));
  }

  static Path secretFile(Path folder, String secret) {
    Path file = file(folder, "secret-" + Integer.toHexString(secret.hashCode()), secret);
    try {
      return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static Path file(Path folder, String name, String content) {
    try {
      return Files.write(folder.resolve(name), content.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
