package io.zenmesh.controlplane.cli;

import io.zenmesh.extproc.signature.SchemeSigner;
import io.zenmesh.extproc.signature.SignedRequest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** A request that was typed: the engine reads it as one that came over the wire. */
final class CliRequest implements SignedRequest {
  private static final Pattern METHOD = Pattern.compile("[A-Z]{1,32}");
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}");
  private static final String AFTER_SCHEME = "://";

  private final String method;
  private final String authority;
  private final String path;
  private final Map<String, List<String>> headers;
  private final byte[] body;

  private CliRequest(
      String method,
      String authority,
      String path,
      Map<String, List<String>> headers,
      byte[] body) {
    this.method = method;
    this.authority = authority;
    this.path = path;
    this.headers = headers;
    this.body = body;
  }

  /**
   * Reads what was typed.
   *
   * @param url absolute; without one the request is for the root of localhost
   * @param lines headers as {@code Name: value}
   */
  static CliRequest of(String method, Optional<String> url, List<String> lines, byte[] body) {
    if (!METHOD.matcher(method).matches()) {
      throw CliException.usage("--method: " + method + " (expected: upper case, such as POST)");
    }
    String whole = latin1(url.orElse("https://localhost/"));
    int host = whole.indexOf(AFTER_SCHEME) + AFTER_SCHEME.length();
    if (host < AFTER_SCHEME.length() || whole.indexOf('#') >= 0) {
      throw CliException.usage("--url: " + whole + " (expected: https://host[:port]/path)");
    }
    int end = host;
    while (end < whole.length() && whole.charAt(end) != '/' && whole.charAt(end) != '?') {
      end++;
    }
    if (whole.substring(host, end).indexOf('@') >= 0) {
      // Not what was typed: it holds a password.
      throw CliException.usage("--url: with user info (expected: https://host[:port]/path)");
    }
    String path = whole.substring(end);
    return new CliRequest(
        method,
        whole.substring(host, end),
        path.startsWith("/") ? path : "/" + path,
        headers(lines),
        body);
  }

  private static Map<String, List<String>> headers(List<String> lines) {
    Map<String, List<String>> headers = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      int colon = lines.get(i).indexOf(':');
      String name = colon < 0 ? "" : lines.get(i).substring(0, colon);
      if (!NAME.matcher(name).matches()) {
        // Not what was typed: a header may hold a secret.
        throw CliException.usage("--header: number " + (i + 1) + " (expected: 'Name: value')");
      }
      headers
          .computeIfAbsent(name.toLowerCase(Locale.ROOT), key -> new ArrayList<>())
          .add(stripped(latin1(lines.get(i).substring(colon + 1))));
    }
    return headers;
  }

  /** Blanks and tabs around a value are not part of it (RFC 9110 section 5.5). */
  private static String stripped(String value) {
    int from = 0;
    int to = value.length();
    while (from < to && isBlank(value.charAt(from))) {
      from++;
    }
    while (to > from && isBlank(value.charAt(to - 1))) {
      to--;
    }
    return value.substring(from, to);
  }

  private static boolean isBlank(char c) {
    return c == ' ' || c == '\t';
  }

  /** One character per byte on the wire. */
  private static String latin1(String typed) {
    return new String(typed.getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
  }

  /** The same as the signing side takes it. */
  SchemeSigner.Message message() {
    return new SchemeSigner.Message(method, authority, path, body());
  }

  @Override
  public String method() {
    return method;
  }

  @Override
  public String authority() {
    return authority;
  }

  @Override
  public String path() {
    return path;
  }

  @Override
  public List<String> header(String lowerCaseName) {
    return headers.getOrDefault(lowerCaseName, List.of());
  }

  @Override
  public ByteBuffer body() {
    return ByteBuffer.wrap(body).asReadOnlyBuffer();
  }
}
