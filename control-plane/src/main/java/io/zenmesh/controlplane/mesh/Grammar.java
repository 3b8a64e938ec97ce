package io.zenmesh.controlplane.mesh;

import io.zenmesh.xds.model.HostPort;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The forms of the scalar values in a mesh file; empty when the text has another form. */
final class Grammar {
  static final String LISTEN = "IP:PORT, such as 127.0.0.1:8443 or [::1]:8443";
  static final String HOST = "a lower-case host name without port";
  static final String PATH =
      "an absolute path in normal form of at most 1024 characters [A-Za-z0-9._~!$&'()*+,=:@/-]";
  static final String DURATION = "1s to 600s";
  static final String URL = "https://host[:port][/path]";
  static final String SOCKET = "an absolute path of at most 107 bytes";

  private static final int MAX_HOST = 253;
  private static final int MAX_URL = 2048;
  private static final int MAX_PATH = 1024;
  private static final int MAX_SOCKET = 107; // sun_path is 108 with its terminating zero

  private static final Pattern ADDRESS4 =
      Pattern.compile("((?:[0-9]{1,3}\\.){3}[0-9]{1,3}):([1-9][0-9]{0,4})");
  private static final Pattern ADDRESS6 =
      Pattern.compile("\\[([0-9a-f]*:[0-9a-f:]{1,38})\\]:([1-9][0-9]{0,4})");
  private static final Pattern HOST_NAME =
      Pattern.compile(
          "(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?");
  private static final Pattern PATH_TEXT = Pattern.compile("(?:/[A-Za-z0-9._~!$&'()*+,=:@-]+)*/?");
  private static final Pattern SECONDS = Pattern.compile("([1-9][0-9]{0,2})s");

  private Grammar() {}

  static Optional<HostPort> listen(String text) {
    Matcher four = ADDRESS4.matcher(text);
    Matcher six = ADDRESS6.matcher(text);
    Matcher match = four.matches() ? four : six;
    if (!match.matches() || (match == four && !octets(match.group(1)))) {
      return Optional.empty();
    }
    int port = Integer.parseInt(match.group(2));
    return port > 65535 ? Optional.empty() : Optional.of(new HostPort(match.group(1), port));
  }

  private static boolean octets(String address) {
    for (String octet : address.split("\\.", -1)) {
      if (Integer.parseInt(octet) > 255) {
        return false;
      }
    }
    return true;
  }

  /** Whether nobody can connect to it, because it stands for every address of the machine. */
  static boolean wildcard(HostPort address) {
    return address.host().equals("0.0.0.0") || address.host().equals("::");
  }

  static boolean host(String text) {
    return text.length() <= MAX_HOST && HOST_NAME.matcher(text).matches();
  }

  /** Normal form: what Envoy's own normalisation would change could never match. */
  static boolean path(String text) {
    if (text.isEmpty() || text.length() > MAX_PATH || !PATH_TEXT.matcher(text).matches()) {
      return false;
    }
    for (String segment : text.split("/", -1)) {
      if (segment.equals(".") || segment.equals("..")) {
        return false;
      }
    }
    return true;
  }

  static Optional<Duration> seconds(String text) {
    Matcher match = SECONDS.matcher(text);
    if (!match.matches()) {
      return Optional.empty();
    }
    int seconds = Integer.parseInt(match.group(1));
    return seconds > 600 ? Optional.empty() : Optional.of(Duration.ofSeconds(seconds));
  }

  static Optional<URI> httpsUrl(String text) {
    try {
      URI url = new URI(text);
      boolean fit =
          text.length() <= MAX_URL
              && "https".equals(url.getScheme())
              && url.getHost() != null
              && url.getPort() <= 65535
              && url.getPort() != 0
              && url.getRawUserInfo() == null
              && url.getRawQuery() == null
              && url.getRawFragment() == null;
      return fit ? Optional.of(url) : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  static boolean socket(String text) {
    return text.startsWith("/")
        && text.length() <= MAX_SOCKET
        && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);
  }
}
